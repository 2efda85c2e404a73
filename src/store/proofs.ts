/**
 * How often a session has tried in a row to prove who holds it, or a mailed link was shown with a new password; among
 * the counters of guesses, and swept with them.
 */
import { sql } from 'drizzle-orm';
import type { Tx } from './db.ts';

const keyOf = (id: string) => `proofs:${id}`;

/** Counts one more, before it is judged; answers its number. Any number at once each get their own. */
export async function countProof(tx: Tx, id: string, at: Date): Promise<number> {
  const [row] = await tx.execute<{ failures: number }>(sql`
    insert into attempts (key, failures, digests, touched_at)
    values (${keyOf(id)}, 1, '{}', ${at.toISOString()}::timestamptz)
    on conflict (key) do update set failures = attempts.failures + 1, touched_at = excluded.touched_at
    returning failures`);
  return row?.failures ?? Number.POSITIVE_INFINITY;
}

/** Takes one back that was never judged. */
export async function uncountProof(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`
    update attempts set failures = greatest(0, failures - 1) where key = ${keyOf(id)}`);
}

/** It was proved: the next row of tries starts afresh. */
export async function forgetProofs(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`delete from attempts where key = ${keyOf(id)}`);
}
