import { and, eq, gt, isNull, lt, type SQL, sql } from 'drizzle-orm';
import { channelNamed } from '../domain/channels/index.ts';
import type { Selector } from '../domain/selector.ts';
import type { Reader, Tx } from './db.ts';
import { challenges } from './tables/factors.ts';

export type ChallengeRow = typeof challenges.$inferSelect;

export async function insertChallenge(tx: Tx, row: typeof challenges.$inferInsert): Promise<void> {
  await tx.insert(challenges).values(row);
}

const open = (idHash: Buffer, now: Date) =>
  and(eq(challenges.idHash, idHash), isNull(challenges.spentAt), gt(challenges.expiresAt, now));

/** One that can still be redeemed. */
export async function openChallenge(
  reader: Reader,
  idHash: Buffer,
  now: Date,
): Promise<ChallengeRow | undefined> {
  const [row] = await reader.select().from(challenges).where(open(idHash, now));
  return row;
}

/** Counts a try before it is judged: false when there have been `most` already, or the challenge is over. */
export async function countTry(tx: Tx, idHash: Buffer, most: number, now: Date): Promise<boolean> {
  const rows = await tx
    .update(challenges)
    .set({ tries: sql`${challenges.tries} + 1` })
    .where(and(open(idHash, now), lt(challenges.tries, most)))
    .returning({ tries: challenges.tries });
  return rows.length === 1;
}

/** Redeems it: of any number at once, one gets the row. What else the transaction spends goes back with it. */
export async function spendChallenge(tx: Tx, idHash: Buffer, now: Date): Promise<ChallengeRow | undefined> {
  const [row] = await tx.update(challenges).set({ spentAt: now }).where(open(idHash, now)).returning();
  return row;
}

/** Which half-done logins a logoff means: those whose session it would have ended. */
function meant(selector: Selector): SQL | undefined {
  const asked = (field: string) => sql`${challenges.entry} #>> ${`{asked,${field}}`}::text[]`;
  if ('account_id' in selector) return sql`${challenges.accountId} = ${selector.account_id}`;
  if ('login' in selector) {
    return sql`lower(${asked('login')}) = ${selector.login} and ${asked('store')} = ${selector.store}`;
  }
  if ('store' in selector) return sql`${asked('store')} = ${selector.store}`;
  if ('channel' in selector) {
    const door = channelNamed(selector.channel);
    const unnamed = door?.storeDefault === true ? door.store : '';
    return sql`coalesce(${asked('channel')} = ${selector.channel}, ${asked('store')} = ${unnamed})`;
  }
  if ('host' in selector) return sql`${asked('host')} = ${selector.host}`;
  if ('source' in selector) return sql`(${asked('source_ip')})::inet <<= network(${selector.source}::inet)`;
  if ('opened_before' in selector) {
    return sql`${challenges.createdAt} < ${selector.opened_before}::timestamptz`;
  }
  return 'all' in selector ? sql`true` : undefined;
}

/**
 * Ends the logins that a logoff finds half done: else an attacker with the password waits in front of the second
 * factor for it to pass. Must come before the logoff takes its number or looks for sessions: a challenge that is being
 * redeemed is waited for, and its session then found.
 */
export async function endHalfDone(tx: Tx, selector: Selector, at: Date): Promise<void> {
  const which = meant(selector);
  if (which === undefined) return;
  await tx
    .update(challenges)
    .set({ spentAt: at })
    .where(and(eq(challenges.purpose, 'login'), isNull(challenges.spentAt), which));
}

/** Tidying: an hour after its end a challenge is of no interest. Answers how many of at most `batch` went. */
export async function sweepChallenges(tx: Tx, now: Date, batch: number): Promise<number> {
  const old = new Date(now.getTime() - 3_600_000);
  const gone = await tx
    .delete(challenges)
    .where(
      sql`${challenges.idHash} in (select id_hash from challenges where expires_at < ${old.toISOString()} limit ${batch} for update skip locked)`,
    )
    .returning({ at: challenges.createdAt });
  return gone.length;
}
