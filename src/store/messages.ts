/** What is kept of judged messages, and for how long: figures and sketches; text, redacted, of flagged ones alone. */
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { likeness, type Sketch, sameFrom } from '../domain/sketch.ts';
import type { Reader, Tx } from './db.ts';
import { messages } from './tables/flags.ts';

export type MessageRow = typeof messages.$inferSelect;

export async function insertMessages(tx: Tx, rows: (typeof messages.$inferInsert)[]): Promise<void> {
  await tx.insert(messages).values(rows);
}

const candidates = 50;

/** Near-duplicates that are kept still and that a flag does not stand for, the likest first. */
export async function nearMessages(
  reader: Reader,
  { sketch, bands }: Sketch,
  notOf: string,
): Promise<MessageRow[]> {
  const rows = await reader
    .select()
    .from(messages)
    .where(
      and(
        sql`${messages.bands} && ${`{${bands.join(',')}}`}::int[]`,
        sql`${messages.flagId} is distinct from ${notOf}`,
      ),
    )
    .orderBy(desc(messages.at))
    .limit(candidates);
  return rows
    .map((row) => ({ row, like: likeness(row.sketch ?? [], sketch) }))
    .filter(({ like }) => like >= sameFrom)
    .sort((one, other) => other.like - one.like)
    .map(({ row }) => row);
}

/** The messages that a flag stands for, newest first. */
export async function messagesOfFlag(reader: Reader, flagId: string, limit = 100): Promise<MessageRow[]> {
  return reader
    .select()
    .from(messages)
    .where(eq(messages.flagId, flagId))
    .orderBy(desc(messages.at))
    .limit(limit);
}

/** Forgets what is over, in small bites. @returns how many. */
export async function sweepMessageRows(tx: Tx, now: Date, limit: number): Promise<number> {
  const gone = await tx
    .delete(messages)
    .where(
      sql`${messages.id} in (select id from messages where ${lt(messages.expiresAt, now)}
        order by expires_at limit ${limit} for update skip locked)`,
    )
    .returning({ id: messages.id });
  return gone.length;
}
