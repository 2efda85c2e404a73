import { and, eq, lt, sql } from 'drizzle-orm';
import { sameDigest } from '../domain/token.ts';
import type { Tx } from './db.ts';
import { idempotency } from './tables/records.ts';

export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
}

const keptMs = 24 * 3_600_000;
/** A request that died half-way holds its key no longer than this. */
const claimMs = 60_000;

const at = (principalId: string, key: string) =>
  and(eq(idempotency.principalId, principalId), eq(idempotency.key, key));

/** Takes a key for a request, or tells what is known of it. One of any number at once gets `new`. */
export async function claimKey(
  tx: Tx,
  principalId: string,
  key: string,
  requestHash: Buffer,
  now: Date,
): Promise<'new' | 'different' | 'in progress' | KeptAnswer> {
  const stale = sql`${idempotency.createdAt} < ${new Date(now.getTime() - keptMs).toISOString()}
    or (${idempotency.status} is null and ${idempotency.createdAt} < ${new Date(now.getTime() - claimMs).toISOString()})`;
  const claimed = await tx
    .insert(idempotency)
    .values({ principalId, key, requestHash, createdAt: now })
    .onConflictDoUpdate({
      target: [idempotency.principalId, idempotency.key],
      set: { requestHash, createdAt: now, status: null, body: null },
      setWhere: stale,
    })
    .returning({ key: idempotency.key });
  if (claimed.length === 1) return 'new';
  const [row] = await tx.select().from(idempotency).where(at(principalId, key));
  if (row === undefined) return 'in progress';
  if (!sameDigest(row.requestHash, requestHash)) return 'different';
  return row.status === null || row.body === null ? 'in progress' : { status: row.status, body: row.body };
}

export async function keepAnswer(
  tx: Tx,
  principalId: string,
  key: string,
  answer: KeptAnswer,
): Promise<void> {
  await tx.update(idempotency).set(answer).where(at(principalId, key));
}

export async function releaseKey(tx: Tx, principalId: string, key: string): Promise<void> {
  await tx.delete(idempotency).where(at(principalId, key));
}

export async function sweepKeys(tx: Tx, now: Date): Promise<void> {
  await tx.delete(idempotency).where(lt(idempotency.createdAt, new Date(now.getTime() - keptMs)));
}
