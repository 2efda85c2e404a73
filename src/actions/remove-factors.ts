/** The staff takes second factors of a customer away who has lost them. The one thing that undoes them without a proof. */
import type { AuditEvent } from '../domain/event.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { FactorsRemoval, FactorsRemoved } from '../protocol/factors.ts';
import { lockAccount } from '../store/accounts.ts';
import type { Tx } from '../store/db.ts';
import { deleteRecoveryCodes, deleteTotp } from '../store/own-factors.ts';
import { deletePasskeys } from '../store/passkeys.ts';
import { type Ctx, unchanged } from './context.ts';
import { dropCodesWithLastFactor } from './steps/drop-codes.ts';
import { factorsView } from './steps/factors-view.ts';
import { mayNot } from './steps/may.ts';
import { notSoSoon } from './steps/recovery-separation.ts';
import { tellOwner } from './steps/tell-owner.ts';

type Kind = NonNullable<FactorsRemoval['kinds']>[number];
const allKinds: readonly Kind[] = ['totp', 'passkey', 'recovery_codes'];

/**
 * `POST /v1/accounts/{id}/factors/remove`: with a reason, on record; the owner is told, his sessions end; and never
 * within a day of a password that was set for him or reset by mail (`steps/recovery-separation`).
 */
export async function removeFactors(
  ctx: Ctx,
  accountId: string,
  input: FactorsRemoval,
): Promise<Outcome<FactorsRemoved>> {
  const no = mayNot(ctx, { roles: ['admin', 'support'] });
  if (no) return no;
  const kinds = input.kinds ?? allKinds;
  return ctx.act<Outcome<FactorsRemoved>>(async (tx) => {
    if ((await lockAccount(tx, accountId)) === undefined) return unchanged(refuse('not_found'));
    const soon = await notSoSoon(tx, ctx, accountId, 'factor');
    if (soon) return unchanged(soon);
    const removed = await take(tx, accountId, kinds);
    const gone = removedKinds(removed);
    if (gone.length === 0)
      return unchanged(refuse('not_found', { detail: 'There is nothing of that to remove.' }));
    for (const factor of gone) {
      await tellOwner(tx, ctx, accountId, { kind: 'factor_changed', factor, change: 'removed', by: 'staff' });
    }
    const { reason } = input;
    const events = gone.map((kind): AuditEvent => {
      return { kind: 'factor.removed', accountId, detail: { kind, by: 'staff', reason, ...removed } };
    });
    return { value: done({ removed, factors: await factorsView(tx, accountId) }), events };
  });
}

async function take(tx: Tx, accountId: string, kinds: readonly Kind[]): Promise<FactorsRemoved['removed']> {
  const totp = kinds.includes('totp') && (await deleteTotp(tx, accountId));
  const passkeys = kinds.includes('passkey') ? (await deletePasskeys(tx, accountId)).length : 0;
  const asked = kinds.includes('recovery_codes') ? await deleteRecoveryCodes(tx, accountId) : 0;
  const left = totp || passkeys > 0 ? await dropCodesWithLastFactor(tx, accountId) : 0;
  return { totp, passkeys, recovery_codes: asked + left };
}

function removedKinds(removed: FactorsRemoved['removed']): Kind[] {
  const { totp, passkeys, recovery_codes } = removed;
  return [
    ...(totp ? (['totp'] as const) : []),
    ...(passkeys > 0 ? (['passkey'] as const) : []),
    ...(recovery_codes > 0 ? (['recovery_codes'] as const) : []),
  ];
}
