/** What the staff is told by mail: gathered in the transaction that it tells of, sent together. */
import { eq, isNull, lt } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { operatorNotices as notices, operatorDigest } from './tables/webhooks.ts';

export type OperatorNotice = typeof notices.$inferSelect;
export type Digest = typeof operatorDigest.$inferSelect;

export async function insertOperatorNotice(
  tx: Tx,
  row: Pick<OperatorNotice, 'ref' | 'kind' | 'at'> & {
    readonly about: 'flag' | 'webhook';
    readonly accountId?: string | null;
  },
): Promise<void> {
  await tx.insert(notices).values(row);
}

export async function anyNoticeWaits(reader: Reader): Promise<boolean> {
  const rows = await reader.select({ seq: notices.seq }).from(notices).where(isNull(notices.toldAt)).limit(1);
  return rows.length > 0;
}

/** The row that says when the staff was told, for one node at a time; undefined while another one holds it. */
export async function claimDigest(tx: Tx): Promise<Digest | undefined> {
  const [row] = await tx
    .select()
    .from(operatorDigest)
    .where(eq(operatorDigest.id, 1))
    .for('update', { skipLocked: true });
  return row;
}

export async function keepDigest(tx: Tx, lastAt: Date, gapMs: number): Promise<void> {
  await tx.update(operatorDigest).set({ lastAt, gapMs }).where(eq(operatorDigest.id, 1));
}

/** Takes all that waits, oldest first: it is told from here on, or not at all if the transaction is undone. */
export async function takeNotices(tx: Tx, at: Date): Promise<OperatorNotice[]> {
  const taken = await tx.update(notices).set({ toldAt: at }).where(isNull(notices.toldAt)).returning();
  return taken.sort((one, other) => one.seq - other.seq);
}

/** Forgets what was told, and what nobody was there to be told. */
export async function sweepNotices(tx: Tx, before: Date): Promise<void> {
  await tx.delete(notices).where(lt(notices.at, before));
}
