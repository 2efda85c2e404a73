/** Whatever weakens an account asks for a fresh proof of who is there (ASVS 5.0 7.5.1, 7.5.3; NIST 800-63B-4 5.2). */
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { factorsOf, hasSecondFactor } from '../../store/factors.ts';
import { freshnessOf } from '../../store/sessions.ts';
import type { Ctx } from '../context.ts';

export const freshMs = 5 * 60_000;

/**
 * A refusal when the session's holder has not lately shown what is asked for; undefined when he has. `any`: a secret,
 * and where the account has a second factor, that too. `factor`: a second factor, always.
 */
export async function notFresh(
  ctx: Ctx,
  wanted: 'any' | 'factor',
): Promise<{ ok: false; refusal: Refusal } | undefined> {
  if (ctx.principal.kind !== 'session') return refuse('not_allowed');
  const { id, accountId } = ctx.principal.session;
  const [shown, factors] = await Promise.all([freshnessOf(ctx.read, id), factorsOf(ctx.read, accountId)]);
  const since = ctx.now.getTime() - freshMs;
  const lately = (at: Date | null | undefined) => at != null && at.getTime() > since;
  if (wanted === 'factor' && !hasSecondFactor(factors)) {
    return refuse('second_factor_missing', {
      detail: 'This needs a second factor, and the account has none.',
    });
  }
  const needed = hasSecondFactor(factors) ? shown?.factorAt : shown?.freshAt;
  if (lately(needed)) return undefined;
  const what = hasSecondFactor(factors) ? 'your second factor' : 'your password';
  return refuse('fresh_authentication_required', {
    detail: `Show ${what} again first: POST /v1/me/reauthenticate. It then counts for five minutes.`,
  });
}
