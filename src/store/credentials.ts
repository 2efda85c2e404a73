import { and, eq, sql } from 'drizzle-orm';
import type { StoreName } from '../domain/channels/index.ts';
import type { AccountRow } from './accounts.ts';
import { ask, type Reader, type Tx } from './db.ts';
import { accounts } from './tables/accounts.ts';
import { credentials } from './tables/credentials.ts';

export type CredentialRow = typeof credentials.$inferSelect;

/** A login of a store together with its owner: all that a login decision is about. */
export async function loginNamed(
  reader: Reader,
  store: StoreName,
  login: string,
): Promise<{ credential: CredentialRow; account: AccountRow } | undefined> {
  const [row] = await reader
    .select({ credential: credentials, account: accounts })
    .from(credentials)
    .innerJoin(accounts, eq(accounts.id, credentials.accountId))
    .where(and(eq(credentials.store, store), eq(credentials.login, login)));
  return row;
}

export async function credentialsOf(reader: Reader, accountId: string): Promise<CredentialRow[]> {
  return reader.select().from(credentials).where(eq(credentials.accountId, accountId));
}

/** All logins of that name, on whatever store. */
export async function loginsNamed(reader: Reader, login: string): Promise<CredentialRow[]> {
  return reader.select().from(credentials).where(eq(credentials.login, login));
}

/** The credential of that name, under its lock. */
export async function credentialOf(
  tx: Tx,
  store: StoreName,
  login: string,
): Promise<CredentialRow | undefined> {
  const [row] = await tx
    .select()
    .from(credentials)
    .where(and(eq(credentials.store, store), eq(credentials.login, login)))
    .for('update');
  return row;
}

/**
 * Makes or changes a credential of this account. A login of the store that belongs to another account is left
 * alone and answered with undefined. A change always is a new epoch, even to the same secret.
 */
export async function putCredential(
  tx: Tx,
  row: typeof credentials.$inferInsert,
): Promise<CredentialRow | undefined> {
  const [put] = await tx
    .insert(credentials)
    .values(row)
    .onConflictDoUpdate({
      target: [credentials.store, credentials.login],
      set: {
        hash: row.hash,
        scheme: row.scheme,
        updatedAt: row.updatedAt,
        lockedAt: null,
        epoch: sql`${credentials.epoch} + 1`,
      },
      setWhere: eq(credentials.accountId, row.accountId),
    })
    .returning();
  return put;
}

export async function deleteCredential(
  tx: Tx,
  accountId: string,
  store: StoreName,
  login: string,
): Promise<CredentialRow | undefined> {
  const [row] = await tx
    .delete(credentials)
    .where(
      and(eq(credentials.accountId, accountId), eq(credentials.store, store), eq(credentials.login, login)),
    )
    .returning();
  return row;
}

/**
 * Puts a better hash of the same secret in the place of `oldHash`, if that still stands: a password that was
 * changed meanwhile wins. The epoch stays, so nobody is logged off.
 */
export async function rehash(
  tx: Tx,
  id: string,
  oldHash: string,
  next: { hash: string; scheme: string },
): Promise<boolean> {
  await tx.execute(sql`select set_config('gatehouse.rehash', ${id}, true)`);
  const rows = await tx
    .update(credentials)
    .set(next)
    .where(and(eq(credentials.id, id), eq(credentials.hash, oldHash)))
    .returning({ id: credentials.id });
  await tx.execute(sql`select set_config('gatehouse.rehash', '', true)`);
  return rows.length === 1;
}

export async function markUsed(tx: Tx, id: string, at: Date): Promise<void> {
  await ask(tx, 'update credentials set last_used_at = $2 where id = $1', [id, at.toISOString()]);
}

/** Holds a login name for this transaction: whoever gives it to somebody comes one after the other. */
export async function holdName(tx: Tx, login: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('gatehouse.name.' || ${login}, 0))`);
}

/** Whether a login name is another account's, as its own name or as a login of any store. */
export async function isAnothers(reader: Reader, login: string, accountId: string): Promise<boolean> {
  const [row] = await reader.execute<{ taken: boolean }>(sql`
    select exists (select 1 from accounts where login = ${login} and id <> ${accountId})
        or exists (select 1 from credentials where login = ${login} and account_id <> ${accountId}) as taken`);
  return row?.taken !== false;
}
