/** A daemon that judges passwords itself asks first: may this login be tried from there now? Nothing is counted here. */
import { heldBack } from '../domain/patterns/effects.ts';
import { channelAllowed } from '../domain/policy.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { admit, budgetsFor } from '../domain/throttle.ts';
import type { DaemonGuess } from '../protocol/dovecot.ts';
import { hasSecondFactor } from '../store/factors.ts';
import { grantFor } from '../store/grants.ts';
import type { Ctx } from './context.ts';
import { askAbout } from './steps/book-attempt.ts';
import { type Guess, guessDigest, guessFrom } from './steps/guess.ts';
import { isKnownSource } from './steps/known-source.ts';
import { mayNot } from './steps/may.ts';

export type Weighed =
  | { readonly decision: 'go_on' }
  | { readonly decision: 'deny' }
  | { readonly decision: 'throttled'; readonly retryAfterSeconds: number };

/**
 * Guesses that must wait, logins that are suspended or owe a second factor, doors that are shut. A name that is not ours is not judged: the
 * daemon may have others. `judgedHere`: the password comes to us afterwards, which then tells the rest.
 */
export async function weighLogin(
  ctx: Ctx,
  asked: DaemonGuess,
  judgedHere: boolean,
): Promise<Outcome<Weighed>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  const guess = guessFrom(asked);
  const { policy, found, factors, knownAt, holds, budgets } = await askAbout(ctx, guess);
  const known = isKnownSource(ctx, policy.throttle, guess, knownAt);
  const kinds = budgetsFor({ known, nameExistsAtDoor: true, sourceSaid: guess.source !== undefined });
  const digest = guessDigest(ctx.house.digestKey, guess);
  const verdict = admit(kinds, budgets, digest, policy.throttle, ctx.now.getTime());
  if (!verdict.admitted) {
    return done({ decision: 'throttled', retryAfterSeconds: verdict.retryAfterSeconds });
  }
  if (judgedHere) return done({ decision: 'go_on' });
  const shut =
    !channelAllowed(policy, guess.channel.name, guess.source) ||
    (found !== undefined && (found.account.status !== 'active' || found.credential.lockedAt !== null)) ||
    heldBack(holds, { place: guess.source && guess.prefixes.host, known, factor: false }) ||
    (found !== undefined && hasSecondFactor(factors) && !(await isApproved(ctx, guess, found.account.id)));
  return done({ decision: shut ? 'deny' : 'go_on' });
}

/** The daemon's own password is no second factor: only an approved address opens there. */
async function isApproved(ctx: Ctx, { source, store }: Guess, accountId: string): Promise<boolean> {
  return source !== undefined && (await grantFor(ctx.read, accountId, store, source, ctx.now)) !== undefined;
}
