import { and, eq, isNotNull, isNull, lt } from 'drizzle-orm';
import { ask, type Reader, type Tx } from './db.ts';
import { recoveryCodes, totp } from './tables/factors.ts';

/** What an account can show beside its password. */
export interface Factors {
  readonly totp: boolean;
  readonly passkeys: number;
  /** Unspent ones; they stand in for a factor and are none by themselves. */
  readonly recoveryCodes: number;
}

export interface FactorsSelected {
  readonly totp: boolean;
  readonly passkeys: number;
  readonly codes: number;
}

/** What of a select counts the factors of `accountId`, an expression; none where that is null. */
export const factorColumns = (accountId: string) =>
  `exists (select 1 from totp where account_id = ${accountId} and sealed_secret is not null) as totp,
  (select count(*)::int from passkeys where account_id = ${accountId}) as passkeys,
  (select count(*)::int from recovery_codes where account_id = ${accountId} and spent_at is null) as codes`;

export function factorsIn(row: FactorsSelected | undefined): Factors {
  return { totp: row?.totp === true, passkeys: row?.passkeys ?? 0, recoveryCodes: row?.codes ?? 0 };
}

const counting = `select ${factorColumns('$1')}`;

export async function factorsOf(reader: Reader, accountId: string): Promise<Factors> {
  const [row] = await ask<FactorsSelected>(reader, counting, [accountId]);
  return factorsIn(row);
}

export function hasSecondFactor(factors: Pick<Factors, 'totp' | 'passkeys'>): boolean {
  return factors.totp || factors.passkeys > 0;
}

/** The sealed secret of the confirmed generator. */
export async function totpSecretOf(reader: Reader, accountId: string): Promise<Buffer | undefined> {
  const [row] = await reader
    .select({ sealed: totp.sealedSecret })
    .from(totp)
    .where(eq(totp.accountId, accountId));
  return row?.sealed ?? undefined;
}

/** Spends a step: false when it, or a later one, was spent before. Of any number at once, one wins. */
export async function spendTotpStep(tx: Tx, accountId: string, step: number): Promise<boolean> {
  const rows = await tx
    .update(totp)
    .set({ lastStep: step })
    .where(and(eq(totp.accountId, accountId), lt(totp.lastStep, step), isNotNull(totp.sealedSecret)))
    .returning({ id: totp.accountId });
  return rows.length === 1;
}

/** Spends a recovery code: false when there is none such, or it was spent before. */
export async function spendRecoveryCode(
  tx: Tx,
  accountId: string,
  codeHash: Buffer,
  at: Date,
): Promise<boolean> {
  const rows = await tx
    .update(recoveryCodes)
    .set({ spentAt: at })
    .where(
      and(
        ...[eq(recoveryCodes.codeHash, codeHash), eq(recoveryCodes.accountId, accountId)],
        isNull(recoveryCodes.spentAt),
      ),
    )
    .returning({ id: recoveryCodes.accountId });
  return rows.length === 1;
}
