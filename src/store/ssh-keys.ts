import { and, asc, count, desc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { sshKeys } from './tables/factors.ts';

export type SshKeyRow = typeof sshKeys.$inferSelect;

/** The key of that fingerprint that this login may use now. */
export async function sshKeyFor(
  reader: Reader,
  credentialId: string,
  fingerprint: string,
  now: Date,
): Promise<SshKeyRow | undefined> {
  const [row] = await reader
    .select()
    .from(sshKeys)
    .where(
      and(
        ...[eq(sshKeys.credentialId, credentialId), eq(sshKeys.fingerprint, fingerprint)],
        ...[isNull(sshKeys.revokedAt), or(isNull(sshKeys.expiresAt), gt(sshKeys.expiresAt, now))],
      ),
    );
  return row;
}

/** What became of a key of this login, revoked or not, under its lock; the one in force before older ones. */
export async function lockSshKey(
  tx: Tx,
  credentialId: string,
  fingerprint: string,
): Promise<SshKeyRow | undefined> {
  const [row] = await tx
    .select()
    .from(sshKeys)
    .where(and(eq(sshKeys.credentialId, credentialId), eq(sshKeys.fingerprint, fingerprint)))
    .orderBy(sql`${sshKeys.revokedAt} is not null`, desc(sshKeys.createdAt))
    .limit(1)
    .for('update');
  return row;
}

/** False when this login has that key already. */
export async function insertSshKey(tx: Tx, row: typeof sshKeys.$inferInsert): Promise<boolean> {
  const rows = await tx.insert(sshKeys).values(row).onConflictDoNothing().returning({ id: sshKeys.id });
  return rows.length === 1;
}

/** Makes room for the same key again: one that ran out is in nobody's way. */
export async function revokeExpiredKeys(tx: Tx, credentialId: string, now: Date): Promise<void> {
  await tx
    .update(sshKeys)
    .set({ revokedAt: now })
    .where(
      and(
        ...[eq(sshKeys.credentialId, credentialId), isNull(sshKeys.revokedAt)],
        sql`${sshKeys.expiresAt} <= ${now.toISOString()}`,
      ),
    );
}

const kept = (accountId: string) => and(eq(sshKeys.accountId, accountId), isNull(sshKeys.revokedAt));

/** Those of an account that nobody revoked, with the login that each opens; oldest first. */
export async function sshKeysOf(reader: Reader, accountId: string): Promise<SshKeyRow[]> {
  return reader
    .select()
    .from(sshKeys)
    .where(kept(accountId))
    .orderBy(asc(sshKeys.createdAt), asc(sshKeys.id));
}

export async function countSshKeys(reader: Reader, accountId: string): Promise<number> {
  const [row] = await reader.select({ count: count() }).from(sshKeys).where(kept(accountId));
  return row?.count ?? 0;
}

/** Revokes one of this account, once; the database ends what it opened. Undefined when there was none. */
export async function revokeSshKey(
  tx: Tx,
  accountId: string,
  id: string,
  at: Date,
): Promise<SshKeyRow | undefined> {
  const [row] = await tx
    .update(sshKeys)
    .set({ revokedAt: at })
    .where(and(eq(sshKeys.id, id), kept(accountId)))
    .returning();
  return row;
}

export async function markSshKeyUsed(tx: Tx, id: string, at: Date): Promise<void> {
  await tx.update(sshKeys).set({ lastUsedAt: at }).where(eq(sshKeys.id, id));
}
