import { and, eq, gt, inArray, isNull, lt } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { contacts } from './tables/flags.ts';

export type ContactRow = typeof contacts.$inferSelect;

/** Undefined where the account has this very code already. */
export async function insertContact(
  tx: Tx,
  row: typeof contacts.$inferInsert,
): Promise<ContactRow | undefined> {
  const [made] = await tx.insert(contacts).values(row).onConflictDoNothing().returning();
  return made;
}

export async function contactByCode(
  reader: Reader,
  accountId: string,
  codeHash: Buffer,
  now: Date,
): Promise<ContactRow | undefined> {
  const [row] = await reader
    .select()
    .from(contacts)
    .where(
      and(
        ...[eq(contacts.accountId, accountId), eq(contacts.codeHash, codeHash)],
        gt(contacts.expiresAt, now),
      ),
    );
  return row;
}

/** Notes the first look. @returns whether this was the first. */
export async function contactChecked(tx: Tx, id: string, at: Date): Promise<boolean> {
  const rows = await tx
    .update(contacts)
    .set({ checkedAt: at })
    .where(and(eq(contacts.id, id), isNull(contacts.checkedAt)))
    .returning({ id: contacts.id });
  return rows.length > 0;
}

/** Contacts of these accounts that are open at `at`. */
export async function openContacts(
  reader: Reader,
  accountIds: readonly string[],
  at: Date,
): Promise<ContactRow[]> {
  return reader
    .select()
    .from(contacts)
    .where(and(inArray(contacts.accountId, [...accountIds]), gt(contacts.expiresAt, at)))
    .limit(200);
}

/** Tidying: a contact that is over is kept for a month, to explain what was said in it. */
export async function sweepContactRows(tx: Tx, before: Date): Promise<void> {
  await tx.delete(contacts).where(lt(contacts.expiresAt, before));
}
