/** Whether a login came in well from this source lately: it answers only for itself then. */
import type { ThrottlePolicy } from '../../domain/policy.ts';
import type { Ctx } from '../context.ts';
import { type Guess, placeOf } from './guess.ts';

const dayMs = 86_400_000;

/** @param knownAt when it last did, if ever, in ms since 1970. */
export function isKnownSource(
  ctx: Ctx,
  { known_days }: Pick<ThrottlePolicy, 'known_days'>,
  guess: Guess,
  knownAt: number | undefined,
): boolean {
  if (placeOf(guess) === undefined || knownAt === undefined || known_days === 0) return false;
  return knownAt >= ctx.now.getTime() - known_days * dayMs;
}
