import { done, type Outcome } from '../domain/refusal.ts';
import type { NewRecoveryCodes } from '../protocol/factors.ts';
import type { Ctx } from './context.ts';
import { giveRecoveryCodes } from './steps/give-recovery-codes.ts';
import { aboutMe, changeOwn, fromHere } from './steps/own-change.ts';
import { tellOwner } from './steps/tell-owner.ts';

/** `POST /v1/me/recovery-codes`: ten new ones; whatever is left of the old ones is worthless from then on. */
export function renewRecoveryCodes(ctx: Ctx): Promise<Outcome<NewRecoveryCodes>> {
  return changeOwn<NewRecoveryCodes>(ctx, 'factor', async (tx, me) => {
    const recovery_codes = await giveRecoveryCodes(tx, ctx, me.account.id);
    await tellOwner(tx, ctx, me.account.id, {
      kind: 'factor_changed',
      ...{ factor: 'recovery_codes', change: 'replaced', by: 'owner' },
      ...fromHere(me.session),
    });
    const detail = { count: recovery_codes.length };
    return {
      value: done({ recovery_codes }),
      events: [{ kind: 'recovery_codes.made', ...aboutMe(me), detail }],
    };
  });
}
