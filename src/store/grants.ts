import { and, count, desc, eq, gt, isNull } from 'drizzle-orm';
import type { StoreName } from '../domain/channels/index.ts';
import type { Reader, Tx } from './db.ts';
import { grants } from './tables/factors.ts';

export type GrantRow = typeof grants.$inferSelect;

/** The grant under which this store takes an account's password alone from this address now: the one that lasts longest. */
export async function grantFor(
  reader: Reader,
  accountId: string,
  store: StoreName,
  sourceIp: string,
  now: Date,
): Promise<GrantRow | undefined> {
  const [row] = await reader
    .select()
    .from(grants)
    .where(
      and(
        eq(grants.accountId, accountId),
        eq(grants.store, store),
        eq(grants.sourceIp, sourceIp),
        isNull(grants.revokedAt),
        gt(grants.expiresAt, now),
      ),
    )
    .orderBy(desc(grants.expiresAt))
    .limit(1);
  return row;
}

/** One that nobody revoked, under its lock: a revocation waits, or is seen. */
export async function lockGrant(tx: Tx, id: string): Promise<GrantRow | undefined> {
  const [row] = await tx
    .select()
    .from(grants)
    .where(and(eq(grants.id, id), isNull(grants.revokedAt)))
    .for('update');
  return row;
}

export async function insertGrant(tx: Tx, row: typeof grants.$inferInsert): Promise<void> {
  await tx.insert(grants).values(row);
}

const inForce = (accountId: string, now: Date) =>
  and(eq(grants.accountId, accountId), isNull(grants.revokedAt), gt(grants.expiresAt, now));

/** Those of an account in force, newest first. */
export async function grantsOf(reader: Reader, accountId: string, now: Date): Promise<GrantRow[]> {
  return reader
    .select()
    .from(grants)
    .where(inForce(accountId, now))
    .orderBy(desc(grants.createdAt), desc(grants.id));
}

export async function countGrants(reader: Reader, accountId: string, now: Date): Promise<number> {
  const [row] = await reader.select({ count: count() }).from(grants).where(inForce(accountId, now));
  return row?.count ?? 0;
}

/** Revokes one of this account, once; the database ends what it opened. Undefined when there was none. */
export async function revokeGrant(
  tx: Tx,
  accountId: string,
  id: string,
  at: Date,
): Promise<GrantRow | undefined> {
  const [row] = await tx
    .update(grants)
    .set({ revokedAt: at })
    .where(and(eq(grants.id, id), eq(grants.accountId, accountId), isNull(grants.revokedAt)))
    .returning();
  return row;
}
