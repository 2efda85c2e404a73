import { and, asc, eq } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { passkeys } from './tables/factors.ts';

export type PasskeyRow = typeof passkeys.$inferSelect;

/** Undefined when somebody has registered this very credential before. */
export async function insertPasskey(
  tx: Tx,
  row: typeof passkeys.$inferInsert,
): Promise<PasskeyRow | undefined> {
  const [inserted] = await tx.insert(passkeys).values(row).onConflictDoNothing().returning();
  return inserted;
}

/** Oldest first. */
export async function passkeysOf(reader: Reader, accountId: string): Promise<PasskeyRow[]> {
  return reader
    .select()
    .from(passkeys)
    .where(eq(passkeys.accountId, accountId))
    .orderBy(asc(passkeys.createdAt), asc(passkeys.id));
}

/** By the credential id of WebAuthn, base64url. */
export async function passkeyNamed(reader: Reader, webauthnId: string): Promise<PasskeyRow | undefined> {
  const [row] = await reader.select().from(passkeys).where(eq(passkeys.webauthnId, webauthnId));
  return row;
}

export async function lockPasskey(tx: Tx, id: string): Promise<PasskeyRow | undefined> {
  const [row] = await tx.select().from(passkeys).where(eq(passkeys.id, id)).for('update');
  return row;
}

/** Notes the use of a passkey that `lockPasskey` holds. */
export async function noteUse(
  tx: Tx,
  id: string,
  use: { readonly signCount: number; readonly backedUp: boolean; readonly at: Date },
): Promise<void> {
  await tx
    .update(passkeys)
    .set({ signCount: use.signCount, backedUp: use.backedUp, lastUsedAt: use.at })
    .where(eq(passkeys.id, id));
}

export async function renamePasskey(
  tx: Tx,
  accountId: string,
  id: string,
  label: string,
): Promise<PasskeyRow | undefined> {
  const [row] = await tx
    .update(passkeys)
    .set({ label })
    .where(and(eq(passkeys.id, id), eq(passkeys.accountId, accountId)))
    .returning();
  return row;
}

/** One of an account, or all of them; answers those that went. */
export async function deletePasskeys(tx: Tx, accountId: string, id?: string): Promise<PasskeyRow[]> {
  const own = eq(passkeys.accountId, accountId);
  return tx
    .delete(passkeys)
    .where(id === undefined ? own : and(own, eq(passkeys.id, id)))
    .returning();
}
