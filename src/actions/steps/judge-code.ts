/** Judges a second-factor code and spends it, in the transaction of what it opens. */
import { recoveryCodeDigest } from '../../domain/recovery-code.ts';
import { totpCode, totpStepOf } from '../../domain/totp.ts';
import type { Tx } from '../../store/db.ts';
import { factorsOf, spendRecoveryCode, spendTotpStep, totpSecretOf } from '../../store/factors.ts';
import type { Ctx } from '../context.ts';
import { tellOwner } from './tell-owner.ts';

export const codeKinds = ['totp', 'recovery_code'] as const;
export type CodeKind = (typeof codeKinds)[number];

/** What a code that came without its kind must be. */
export function codeKindOf(code: string): CodeKind {
  return totpCode(code) === undefined ? 'recovery_code' : 'totp';
}

/** What the generator's secret is sealed about: a copy in another account's row does not open. */
export const totpAbout = (accountId: string) => `totp:${accountId}`;

/**
 * True when the code is good now; it is spent then. Of any number of tries at once, one wins. The caller has booked
 * the try before (`bookCode`).
 */
export async function judgeCode(
  tx: Tx,
  ctx: Ctx,
  accountId: string,
  shown: { readonly kind: CodeKind; readonly code: string },
): Promise<boolean> {
  if (shown.kind === 'recovery_code') {
    const digest = recoveryCodeDigest(ctx.house.digestKey, accountId, shown.code);
    if (digest === undefined || !(await spendRecoveryCode(tx, accountId, digest, ctx.now))) return false;
    const { recoveryCodes: left } = await factorsOf(tx, accountId);
    await tellOwner(tx, ctx, accountId, { kind: 'recovery_code_used', left });
    return true;
  }
  const box = await totpSecretOf(tx, accountId);
  if (box === undefined) return false;
  const secret = ctx.house.sealer.open(totpAbout(accountId), box);
  const step = totpStepOf(secret, shown.code, ctx.now.getTime());
  return step !== undefined && spendTotpStep(tx, accountId, step);
}
