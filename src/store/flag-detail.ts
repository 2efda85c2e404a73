/** What hangs on a flag: the messages that it stands for, the accounts that they reached, the effects in force. */
import { and, eq, gt, inArray, isNotNull, ne, sql } from 'drizzle-orm';
import { union } from 'drizzle-orm/pg-core';
import type { Reader, Tx } from './db.ts';
import { accounts } from './tables/accounts.ts';
import { flags, messages } from './tables/flags.ts';
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

/** Accounts that it is about, alone or among others. They stay as long as the transaction. */
export async function accountsOfFlag(tx: Tx, flagId: string): Promise<string[]> {
  const reached = union(
    tx
      .select({ id: messages.accountId })
      .from(messages)
      .where(and(eq(messages.flagId, flagId), isNotNull(messages.accountId))),
    tx
      .select({ id: flags.accountId })
      .from(flags)
      .where(and(eq(flags.id, flagId), isNotNull(flags.accountId))),
  );
  const rows = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(inArray(accounts.id, reached))
    .orderBy(accounts.id)
    .for('key share');
  return rows.map(({ id }) => id);
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
