/** Flags: of the same suspicion at most one is open, which the unique index `flags_open` sees to. */
import { and, asc, desc, eq, gt, lt, ne, sql } from 'drizzle-orm';
import { type FlagKind, type FlagState, type Suspicion, sameKey } from '../domain/flag.ts';
import type { Reader, Tx } from './db.ts';
import { flagEvents, flags } from './tables/flags.ts';

export type FlagRow = typeof flags.$inferSelect;
export type FlagEventRow = typeof flagEvents.$inferSelect;

/** The flag of a suspicion: a new one under `id`, or the open one of the same, which counts it. */
export async function upsertFlag(
  tx: Tx,
  id: string,
  said: Suspicion,
  now: Date,
): Promise<{ readonly flag: FlagRow; readonly opened: boolean }> {
  const row = {
    id,
    kind: said.kind,
    sameKey: sameKey(said),
    accountId: said.accountId ?? null,
    source: said.source ?? null,
    score: said.score,
    summary: said.summary,
    evidence: said.evidence,
    count: said.times ?? 1,
    firstSeenAt: said.firstSeenAt ?? now,
    lastSeenAt: said.lastSeenAt ?? now,
  };
  const stronger = sql`excluded.score >= ${flags.score}`;
  const [flag] = await tx
    .insert(flags)
    .values(row)
    .onConflictDoUpdate({
      target: flags.sameKey,
      targetWhere: sql`state = 'open'`,
      set: {
        count: sql`${flags.count} + excluded.count`,
        lastSeenAt: sql`greatest(${flags.lastSeenAt}, excluded.last_seen_at)`,
        firstSeenAt: sql`least(${flags.firstSeenAt}, excluded.first_seen_at)`,
        evidence: sql`case when ${stronger} then excluded.evidence else ${flags.evidence} end`,
        summary: sql`case when ${stronger} then excluded.summary else ${flags.summary} end`,
        score: sql`greatest(${flags.score}, excluded.score)`,
      },
    })
    .returning();
  if (flag === undefined) throw new Error('a flag that was written is not there');
  return { flag, opened: flag.id === id };
}

/** Whether the same was dismissed since. */
export async function dismissedSince(tx: Tx, said: Suspicion, since: Date): Promise<boolean> {
  const rows = await tx
    .select({ id: flags.id })
    .from(flags)
    .where(and(eq(flags.sameKey, sameKey(said)), eq(flags.state, 'dismissed'), gt(flags.resolvedAt, since)))
    .limit(1);
  return rows.length > 0;
}

export async function appendFlagEvent(
  tx: Tx,
  row: Omit<typeof flagEvents.$inferInsert, 'seq'>,
): Promise<void> {
  await tx.insert(flagEvents).values(row);
}

/** The flag under its lock. */
export async function lockFlag(tx: Tx, id: string): Promise<FlagRow | undefined> {
  const [row] = await tx.select().from(flags).where(eq(flags.id, id)).for('update');
  return row;
}

export async function resolveFlagRow(
  tx: Tx,
  id: string,
  resolved: Pick<FlagRow, 'state' | 'resolvedAt' | 'resolvedBy' | 'note'>,
): Promise<FlagRow | undefined> {
  const [row] = await tx
    .update(flags)
    .set(resolved)
    .where(and(eq(flags.id, id), eq(flags.state, 'open')))
    .returning();
  return row;
}

export async function flagById(reader: Reader, id: string): Promise<FlagRow | undefined> {
  const [row] = await reader.select().from(flags).where(eq(flags.id, id));
  return row;
}

/** What became of it, oldest first. */
export async function flagHistory(reader: Reader, flagId: string): Promise<FlagEventRow[]> {
  return reader
    .select()
    .from(flagEvents)
    .where(eq(flagEvents.flagId, flagId))
    .orderBy(asc(flagEvents.seq))
    .limit(200);
}

export interface FlagFilter {
  readonly state?: FlagState;
  readonly kind?: FlagKind;
  readonly accountId?: string;
}

/** Newest first. */
export async function listFlags(
  reader: Reader,
  filter: FlagFilter,
  page: { readonly limit: number; readonly before?: number },
): Promise<FlagRow[]> {
  return reader
    .select()
    .from(flags)
    .where(
      and(
        filter.state && eq(flags.state, filter.state),
        filter.kind && eq(flags.kind, filter.kind),
        filter.accountId === undefined ? undefined : eq(flags.accountId, filter.accountId),
        page.before === undefined ? undefined : lt(flags.seq, page.before),
      ),
    )
    .orderBy(desc(flags.seq))
    .limit(page.limit);
}

/** How many are there, by kind and state. */
export async function countFlags(
  reader: Reader,
): Promise<{ readonly kind: FlagKind; readonly state: FlagState; readonly count: number }[]> {
  return reader
    .select({ kind: flags.kind, state: flags.state, count: sql<number>`count(*)::int` })
    .from(flags)
    .groupBy(flags.kind, flags.state);
}

/** Forgets flags that were resolved before `before`, in small bites. */
export async function sweepFlags(tx: Tx, before: Date): Promise<number> {
  const gone = await tx
    .delete(flags)
    .where(and(ne(flags.state, 'open'), lt(flags.resolvedAt, before)))
    .returning({ id: flags.id });
  return gone.length;
}
