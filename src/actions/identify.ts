/** Whose token is this? The first thing that any door asks. */
import type { Outcome } from '../domain/refusal.ts';
import { done, refuse } from '../domain/refusal.ts';
import { deathReason } from '../domain/session.ts';
import { tokenHash, tokenKind } from '../domain/token.ts';
import { operatorByTokenHash } from '../store/principals.ts';
import type { House, Principal } from './context.ts';
import { seenNow } from './steps/seen-now.ts';

/** The holder of a token, if it is good now. A customer's own request counts as activity on his session. */
export async function identify(house: House, token: string): Promise<Outcome<Principal>> {
  const kind = tokenKind(token);
  if (kind === undefined) return refuse('not_authenticated');
  const hash = tokenHash(token);
  if (kind === 'operator') {
    const operator = await operatorByTokenHash(house.database.drizzle, hash);
    return operator === undefined ? refuse('not_authenticated') : done({ kind, operator });
  }
  const hex = hash.toString('hex');
  if (kind === 'client') {
    const { client } = await house.checks.lookup(undefined, hex);
    return client === undefined ? refuse('not_authenticated') : done({ kind, client });
  }
  const { session, policy } = await house.checks.lookup(hex, undefined);
  if (session === undefined) return refuse('not_authenticated');
  const now = house.world.now().getTime();
  const facts = seenNow(house, session, policy, now, true);
  if (deathReason(facts, policy, now) !== undefined) return refuse('not_authenticated');
  return done({ kind, session: facts, policy });
}
