import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
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
