import { and, count, desc, eq, isNull } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { appPasswords } from './tables/factors.ts';

export type AppPasswordRow = typeof appPasswords.$inferSelect;

/** One of this login that nobody revoked, by its digest. Whether it may open anything now: `domain/app-password`. */
export async function appPasswordFor(
  reader: Reader,
  credentialId: string,
  secretHash: Buffer,
): Promise<AppPasswordRow | undefined> {
  const [row] = await reader
    .select()
    .from(appPasswords)
    .where(
      and(
        eq(appPasswords.secretHash, secretHash),
        eq(appPasswords.credentialId, credentialId),
        isNull(appPasswords.revokedAt),
      ),
    );
  return row;
}

/** One that nobody revoked, under its lock: a revocation waits, or is seen. */
export async function lockAppPassword(tx: Tx, id: string): Promise<AppPasswordRow | undefined> {
  const [row] = await tx
    .select()
    .from(appPasswords)
    .where(and(eq(appPasswords.id, id), isNull(appPasswords.revokedAt)))
    .for('update');
  return row;
}

export async function markAppPasswordUsed(
  tx: Tx,
  id: string,
  at: Date,
  from: string | undefined,
): Promise<void> {
  await tx
    .update(appPasswords)
    .set({ lastUsedAt: at, lastUsedFrom: from ?? null })
    .where(eq(appPasswords.id, id));
}

export async function insertAppPassword(tx: Tx, row: typeof appPasswords.$inferInsert): Promise<void> {
  await tx.insert(appPasswords).values(row);
}

/** Those of an account that nobody revoked, newest first. */
export async function appPasswordsOf(reader: Reader, accountId: string): Promise<AppPasswordRow[]> {
  return reader
    .select()
    .from(appPasswords)
    .where(and(eq(appPasswords.accountId, accountId), isNull(appPasswords.revokedAt)))
    .orderBy(desc(appPasswords.createdAt), desc(appPasswords.id));
}

export async function countAppPasswords(reader: Reader, accountId: string): Promise<number> {
  const [row] = await reader
    .select({ count: count() })
    .from(appPasswords)
    .where(and(eq(appPasswords.accountId, accountId), isNull(appPasswords.revokedAt)));
  return row?.count ?? 0;
}

/** Revokes one of this account, once; the database ends what it opened. Undefined when there was none. */
export async function revokeAppPassword(
  tx: Tx,
  accountId: string,
  id: string,
  at: Date,
): Promise<AppPasswordRow | undefined> {
  const [row] = await tx
    .update(appPasswords)
    .set({ revokedAt: at })
    .where(
      and(eq(appPasswords.id, id), eq(appPasswords.accountId, accountId), isNull(appPasswords.revokedAt)),
    )
    .returning();
  return row;
}
