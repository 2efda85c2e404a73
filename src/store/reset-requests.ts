import { and, count, eq, gt, lt, sql } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { resetRequests } from './tables/mail.ts';

export type ResetRequestRow = typeof resetRequests.$inferSelect;

export async function insertResetRequest(
  tx: Tx,
  row: Omit<typeof resetRequests.$inferInsert, 'id'>,
): Promise<void> {
  await tx.insert(resetRequests).values(row);
}

/** How many requests came from a source since `since`; before the one of that number, if one is named. */
export async function requestsFrom(
  reader: Reader,
  source: string,
  since: Date,
  before?: number,
): Promise<number> {
  const earlier = before === undefined ? undefined : lt(resetRequests.id, before);
  const [row] = await reader
    .select({ count: count() })
    .from(resetRequests)
    .where(and(eq(resetRequests.source, source), gt(resetRequests.createdAt, since), earlier));
  return row?.count ?? 0;
}

/** The oldest request that waits, under its lock; those that another node holds are skipped. */
export async function takeResetRequest(tx: Tx): Promise<ResetRequestRow | undefined> {
  const [row] = await tx
    .select()
    .from(resetRequests)
    .where(sql`handled_at is null`)
    .orderBy(resetRequests.id)
    .limit(1)
    .for('update', { skipLocked: true });
  return row;
}

export async function resetHandled(tx: Tx, id: number, at: Date, outcome: string): Promise<void> {
  await tx.update(resetRequests).set({ handledAt: at, outcome }).where(eq(resetRequests.id, id));
}

/** Forgets requests after 30 days: until then they show floods and sprays. */
export async function sweepResetRequests(tx: Tx, now: Date): Promise<void> {
  await tx
    .delete(resetRequests)
    .where(lt(resetRequests.createdAt, new Date(now.getTime() - 30 * 86_400_000)));
}
