import { and, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { previousPasswords, toldSources } from './tables/mail.ts';

export type PreviousPasswordRow = typeof previousPasswords.$inferSelect;

/** Keeps the hash that is being replaced, for a while; the one before it is forgotten. Owners are told of it anew. */
export async function keepPrevious(tx: Tx, row: PreviousPasswordRow): Promise<void> {
  const { credentialId, ...set } = row;
  await tx
    .insert(previousPasswords)
    .values(row)
    .onConflictDoUpdate({ target: previousPasswords.credentialId, set });
  await tx.delete(toldSources).where(eq(toldSources.credentialId, credentialId));
}

export async function forgetPrevious(tx: Tx, credentialId: string): Promise<void> {
  await tx.delete(previousPasswords).where(eq(previousPasswords.credentialId, credentialId));
}

/** The replaced password of a credential, while it is still recognised. */
export async function previousOf(
  reader: Reader,
  credentialId: string,
  now: Date,
): Promise<PreviousPasswordRow | undefined> {
  const [row] = await reader
    .select()
    .from(previousPasswords)
    .where(and(eq(previousPasswords.credentialId, credentialId), gt(previousPasswords.expiresAt, now)));
  return row;
}

/** Notes that an owner is being told of a place: true for one of any number at once, and once a place and kind. */
export async function tellOnce(
  tx: Tx,
  credentialId: string,
  prefix: string,
  kind: string,
  at: Date,
): Promise<boolean> {
  const rows = await tx
    .insert(toldSources)
    .values({ credentialId, prefix, kind, toldAt: at })
    .onConflictDoNothing()
    .returning({ kind: toldSources.kind });
  return rows.length === 1;
}

/** Forgets replaced passwords after their window, and places after half a year. */
export async function sweepPrevious(tx: Tx, now: Date): Promise<void> {
  const over = sql`(select credential_id from previous_passwords where expires_at <= ${now.toISOString()} limit 5000)`;
  await tx.delete(previousPasswords).where(inArray(previousPasswords.credentialId, over));
  await tx.delete(toldSources).where(lt(toldSources.toldAt, new Date(now.getTime() - 180 * 86_400_000)));
}
