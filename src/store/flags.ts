/** Flags: of the same suspicion at most one is open, which the unique index `flags_open` sees to. */
import { and, asc, desc, eq, gt, inArray, isNotNull, lt, ne, notExists, or, sql } from 'drizzle-orm';
import { type FlagKind, type FlagState, type Suspicion, sameKey } from '../domain/flag.ts';
import type { Reader, Tx } from './db.ts';
import { flagEvents, flags, messages } from './tables/flags.ts';
import { accountEffects } from './tables/patterns.ts';

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
    count: Math.max(1, said.times ?? 1),
    firstSeenAt: said.firstSeenAt ?? said.lastSeenAt ?? now,
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
        count: sql`${flags.count} + ${said.times ?? 1}`,
        lastSeenAt: sql`greatest(${flags.lastSeenAt}, excluded.last_seen_at)`,
        firstSeenAt: sql`least(${flags.firstSeenAt}, excluded.first_seen_at)`,
        evidence: sql`case when ${stronger} then excluded.evidence else ${flags.evidence} end`,
        summary: sql`case when ${stronger} then excluded.summary else ${flags.summary} end`,
        score: sql`greatest(${flags.score}, excluded.score)`,
        // What several accounts have is nobody's alone, and stays when one of them is deleted.
        accountId: sql`case when ${flags.accountId} = excluded.account_id then ${flags.accountId} end`,
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

/** Of any number at once one finds it open; undefined for all others. */
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
  readonly state?: FlagState | undefined;
  readonly kind?: FlagKind | undefined;
  readonly accountId?: string | undefined;
}

/** Flags about this account alone, and those of messages that reached it among others. */
function concerns(reader: Reader, accountId: string) {
  const reached = reader
    .select({ id: messages.flagId })
    .from(messages)
    .where(and(eq(messages.accountId, accountId), isNotNull(messages.flagId)));
  return or(eq(flags.accountId, accountId), inArray(flags.id, reached));
}

/** Newest first. */
export async function listFlags(
  reader: Reader,
  filter: FlagFilter,
  page: { readonly limit: number; readonly before?: number | undefined },
): Promise<FlagRow[]> {
  return reader
    .select()
    .from(flags)
    .where(
      and(
        filter.state && eq(flags.state, filter.state),
        filter.kind && eq(flags.kind, filter.kind),
        filter.accountId === undefined ? undefined : concerns(reader, filter.accountId),
        page.before === undefined ? undefined : lt(flags.seq, page.before),
      ),
    )
    .orderBy(desc(flags.seq))
    .limit(page.limit);
}

/** How many are open, by kind. */
export async function countOpenFlags(
  reader: Reader,
): Promise<{ readonly kind: FlagKind; readonly count: number }[]> {
  return reader
    .select({ kind: flags.kind, count: sql<number>`count(*)::int` })
    .from(flags)
    .where(eq(flags.state, 'open'))
    .groupBy(flags.kind);
}

/**
 * Forgets flags that were resolved before `before`, `most` at a time. One with an effect that is not over stays: without
 * it nothing would say that the effect was dismissed.
 */
export async function sweepFlags(tx: Tx, before: Date, now: Date, most: number): Promise<number> {
  const effects = tx
    .select({ flagId: accountEffects.flagId })
    .from(accountEffects)
    .where(and(eq(accountEffects.flagId, flags.id), gt(accountEffects.expiresAt, now)));
  const old = tx
    .select({ id: flags.id })
    .from(flags)
    .where(and(ne(flags.state, 'open'), lt(flags.resolvedAt, before), notExists(effects)))
    .limit(most)
    .for('update', { skipLocked: true });
  const gone = await tx.delete(flags).where(inArray(flags.id, old)).returning({ id: flags.id });
  return gone.length;
}
