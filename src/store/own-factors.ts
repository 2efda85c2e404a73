/** Changes of what an account can show beside its password. Triggers end what the old state opened. */
import { eq, sql } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { recoveryCodes, totp } from './tables/factors.ts';

/** Keeps a secret that its owner has to confirm first; the one in use stays in use. */
export async function offerTotp(tx: Tx, accountId: string, sealedPending: Buffer, at: Date): Promise<void> {
  await tx
    .insert(totp)
    .values({ accountId, sealedPending, createdAt: at })
    .onConflictDoUpdate({ target: totp.accountId, set: { sealedPending, createdAt: at } });
}

/** The offered secret. For a change, read under the account's lock. */
export async function offeredTotp(reader: Reader, accountId: string): Promise<Buffer | undefined> {
  const [row] = await reader
    .select({ sealed: totp.sealedPending })
    .from(totp)
    .where(eq(totp.accountId, accountId));
  return row?.sealed ?? undefined;
}

/** The offered secret takes the place of the one in use; the step whose code confirmed it is spent. */
export async function confirmTotp(tx: Tx, accountId: string, step: number, at: Date): Promise<void> {
  await tx
    .update(totp)
    .set({ sealedSecret: totp.sealedPending, sealedPending: null, confirmedAt: at, lastStep: step })
    .where(eq(totp.accountId, accountId));
}

/** Takes the generator away, with an offered one; false when none was in use. */
export async function deleteTotp(tx: Tx, accountId: string): Promise<boolean> {
  const rows = await tx
    .delete(totp)
    .where(eq(totp.accountId, accountId))
    .returning({ sealed: totp.sealedSecret });
  return rows.some(({ sealed }) => sealed !== null);
}

/** Takes all recovery codes away; answers how many of them were still good. */
export async function deleteRecoveryCodes(tx: Tx, accountId: string): Promise<number> {
  const rows = await tx
    .delete(recoveryCodes)
    .where(eq(recoveryCodes.accountId, accountId))
    .returning({ spentAt: recoveryCodes.spentAt });
  return rows.filter(({ spentAt }) => spentAt === null).length;
}

export async function insertRecoveryCodes(
  tx: Tx,
  accountId: string,
  codeHashes: readonly Buffer[],
  at: Date,
): Promise<void> {
  await tx
    .insert(recoveryCodes)
    .values(codeHashes.map((codeHash) => ({ codeHash, accountId, createdAt: at })));
}

export interface OtherFactors {
  readonly totp: { readonly confirmedAt: Date | null; readonly offered: boolean };
  readonly recoveryCodes: { readonly left: number; readonly madeAt: Date | null };
}

/** What there is beside passkeys. */
export async function otherFactorsOf(reader: Reader, accountId: string): Promise<OtherFactors> {
  const [generator] = await reader
    .select({
      confirmedAt: totp.confirmedAt,
      offered: sql<boolean>`${totp.sealedPending} is not null`,
    })
    .from(totp)
    .where(eq(totp.accountId, accountId));
  const codes = await reader
    .select({ spentAt: recoveryCodes.spentAt, createdAt: recoveryCodes.createdAt })
    .from(recoveryCodes)
    .where(eq(recoveryCodes.accountId, accountId));
  return {
    totp: { confirmedAt: generator?.confirmedAt ?? null, offered: generator?.offered === true },
    recoveryCodes: {
      left: codes.filter(({ spentAt }) => spentAt === null).length,
      madeAt: codes[0]?.createdAt ?? null,
    },
  };
}
