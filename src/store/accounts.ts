import { and, eq, ne, sql } from 'drizzle-orm';
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

/** Accounts that get their mail at this address, whatever its case; oldest first, closed ones left out. */
export async function accountsByEmail(reader: Reader, email: string, limit: number): Promise<AccountRow[]> {
  return reader
    .select()
    .from(accounts)
    .where(and(sql`lower(${accounts.email}) = lower(${email})`, ne(accounts.status, 'closed')))
    .orderBy(accounts.createdAt, accounts.id)
    .limit(limit);
}

export async function setEmail(
  tx: Tx,
  id: string,
  email: string,
  confirmedAt: Date | null,
  at: Date,
): Promise<void> {
  await tx
    .update(accounts)
    .set({ email, emailConfirmedAt: confirmedAt, updatedAt: at })
    .where(eq(accounts.id, id));
}
