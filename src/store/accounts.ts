import { eq } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { accounts } from './tables/accounts.ts';

export type AccountRow = typeof accounts.$inferSelect;

export async function insertAccount(
  tx: Tx,
  row: typeof accounts.$inferInsert,
): Promise<AccountRow | undefined> {
  const [inserted] = await tx.insert(accounts).values(row).onConflictDoNothing().returning();
  return inserted;
}

export async function accountById(reader: Reader, id: string): Promise<AccountRow | undefined> {
  const [row] = await reader.select().from(accounts).where(eq(accounts.id, id));
  return row;
}

export async function accountByLogin(reader: Reader, login: string): Promise<AccountRow | undefined> {
  const [row] = await reader.select().from(accounts).where(eq(accounts.login, login));
  return row;
}

/** The account under its lock: whoever opens, ends or changes something of it comes one after the other. */
export async function lockAccount(tx: Tx, id: string): Promise<AccountRow | undefined> {
  const [row] = await tx.select().from(accounts).where(eq(accounts.id, id)).for('update');
  return row;
}

export async function setAccountStatus(
  tx: Tx,
  id: string,
  change: Pick<AccountRow, 'status' | 'suspendLevel' | 'statusReason' | 'updatedAt'>,
): Promise<AccountRow | undefined> {
  const [row] = await tx.update(accounts).set(change).where(eq(accounts.id, id)).returning();
  return row;
}
