/** What hangs on a flag: the messages that it stands for, the accounts that they reached, the effects in force. */
import { and, eq, gt, isNotNull, ne, sql } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { flags, messages, reports } from './tables/flags.ts';
import { accountEffects } from './tables/patterns.ts';

export type FlagEffect = typeof accountEffects.$inferSelect;

export async function reachOfFlag(
  reader: Reader,
  flagId: string,
): Promise<{ readonly messages: number; readonly accounts: number }> {
  const [row] = await reader
    .select({
      messages: sql<number>`count(*)::int`,
      accounts: sql<number>`count(distinct ${messages.accountId})::int`,
    })
    .from(messages)
    .where(eq(messages.flagId, flagId));
  return row ?? { messages: 0, accounts: 0 };
}

/** A confirmed flag that has more to follow, held as long as the transaction; nodes take different ones. */
export async function flagToFollow(
  tx: Tx,
): Promise<Pick<typeof flags.$inferSelect, 'id' | 'followFrom' | 'resolvedAt'> | undefined> {
  const [row] = await tx
    .select({ id: flags.id, followFrom: flags.followFrom, resolvedAt: flags.resolvedAt })
    .from(flags)
    .where(isNotNull(flags.followFrom))
    .orderBy(flags.resolvedAt)
    .limit(1)
    .for('update', { skipLocked: true });
  return row;
}

/** Accounts that told of its messages, answered or not, in the order of their ids. */
export async function tellersOfFlag(tx: Tx, flagId: string, after: string, most: number): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ id: reports.accountId })
    .from(reports)
    .where(and(eq(reports.flagId, flagId), gt(reports.accountId, after)))
    .orderBy(reports.accountId)
    .limit(most);
  return rows.map(({ id }) => id);
}

export async function followedUpTo(tx: Tx, flagId: string, accountId: string | null): Promise<void> {
  await tx.update(flags).set({ followFrom: accountId }).where(eq(flags.id, flagId));
}

/** What is in force because of it; nothing once it was dismissed. */
export async function effectsOfFlag(
  reader: Reader,
  flagId: string,
  now: Date,
  most: number,
): Promise<FlagEffect[]> {
  const rows = await reader
    .select({ effect: accountEffects })
    .from(accountEffects)
    .innerJoin(flags, eq(flags.id, accountEffects.flagId))
    .where(and(eq(flags.id, flagId), ne(flags.state, 'dismissed'), gt(accountEffects.expiresAt, now)))
    .orderBy(accountEffects.accountId, accountEffects.pattern)
    .limit(most);
  return rows.map(({ effect }) => effect);
}
