/** The customer's code generator: offered, confirmed by a code of it, taken away (contract section 9). */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { totpSecretBytes, totpStepOf } from '../domain/totp.ts';
import { totpEnrolment } from '../domain/totp-enrolment.ts';
import type { NewRecoveryCodes, TotpOffer } from '../protocol/factors.ts';
import { factorsOf } from '../store/factors.ts';
import { confirmTotp, deleteTotp, offeredTotp, offerTotp } from '../store/own-factors.ts';
import { noteShown } from '../store/renewals.ts';
import { type Ctx, unchanged } from './context.ts';
import { dropCodesWithLastFactor } from './steps/drop-codes.ts';
import { giveRecoveryCodes } from './steps/give-recovery-codes.ts';
import { totpAbout } from './steps/judge-code.ts';
import { aboutMe, changeOwn, fromHere } from './steps/own-change.ts';
import { tellOwner } from './steps/tell-owner.ts';

/**
 * `POST /v1/me/totp`: a new secret, shown this once. It counts for nothing until a code of it confirms it; the
 * generator in use, if there is one, works until then.
 */
export function offerOwnTotp(ctx: Ctx): Promise<Outcome<TotpOffer>> {
  const { world, sealer, origin } = ctx.house;
  return changeOwn<TotpOffer>(ctx, 'any', async (tx, me) => {
    const secret = world.random(totpSecretBytes);
    const { id, login } = me.account;
    await offerTotp(tx, id, sealer.seal(totpAbout(id), secret), ctx.now);
    const value = totpEnrolment(secret, new URL(origin).hostname, login);
    return {
      value: done(value),
      events: [{ kind: 'factor.offered', ...aboutMe(me), detail: { kind: 'totp' } }],
    };
  });
}

/**
 * `POST /v1/me/totp/confirm`: the offered secret takes over, and new recovery codes come with it. The code that
 * confirms is spent by that: read off the screen, it opens nothing more.
 */
export function confirmOwnTotp(ctx: Ctx, code: string): Promise<Outcome<NewRecoveryCodes>> {
  return changeOwn<NewRecoveryCodes>(ctx, 'any', async (tx, me) => {
    const { id } = me.account;
    const box = await offeredTotp(tx, id);
    if (box === undefined)
      return unchanged(refuse('not_found', { detail: 'No generator waits for a code.' }));
    const secret = ctx.house.sealer.open(totpAbout(id), box);
    const step = totpStepOf(secret, code, ctx.now.getTime());
    if (step === undefined) return unchanged(refuse('code_rejected', { detail: wrongCode }));
    const { totp } = await factorsOf(tx, id);
    await confirmTotp(tx, id, step, ctx.now);
    const recovery_codes = await giveRecoveryCodes(tx, ctx, id);
    await noteShown(tx, me.session.id, { factorAt: ctx.now });
    const change = totp ? 'replaced' : 'added';
    await tellOwner(tx, ctx, id, {
      kind: 'factor_changed',
      ...{ factor: 'totp', change, by: 'owner' },
      ...fromHere(me.session),
    });
    const detail = { kind: 'totp', change };
    return {
      value: done({ recovery_codes }),
      events: [
        { kind: 'factor.added', ...aboutMe(me), detail },
        { kind: 'recovery_codes.made', ...aboutMe(me), detail: { count: recovery_codes.length } },
      ],
    };
  });
}

const wrongCode = 'This is not the code of the new generator now. Is the clock of that device right?';

/** `DELETE /v1/me/totp`: with the last second factor go the recovery codes. */
export function removeOwnTotp(ctx: Ctx): Promise<Outcome<undefined>> {
  return changeOwn<undefined>(ctx, 'factor', async (tx, me) => {
    const { id } = me.account;
    if (!(await deleteTotp(tx, id))) return unchanged(refuse('not_found'));
    const codes = await dropCodesWithLastFactor(tx, id);
    await tellOwner(tx, ctx, id, {
      kind: 'factor_changed',
      ...{ factor: 'totp', change: 'removed', by: 'owner' },
      ...fromHere(me.session),
    });
    const detail = { kind: 'totp', by: 'owner', recovery_codes: codes };
    return { value: done(undefined), events: [{ kind: 'factor.removed', ...aboutMe(me), detail }] };
  });
}
