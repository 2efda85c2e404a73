/** The hot path: does the session behind this token live? One shared look-up, one pure decision, no write. */

import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { deathReason } from '../domain/session.ts';
import { checks } from '../metrics.ts';
import type { CheckAnswer } from '../protocol/api.ts';
import type { CallingClient } from '../store/checks.ts';
import type { House } from './context.ts';
import { seenNow } from './steps/seen-now.ts';
import { sessionView } from './steps/session-view.ts';

/**
 * `POST /v1/sessions/check` (contract section 6). The caller's own key is looked up in the same query, so a
 * revoked key is refused from the commit on, too. Hashes are hex SHA-256; no token hash means an ill-formed token.
 */
export async function checkSession(
  house: House,
  clientHash: string,
  tokenHash: string | undefined,
  touch: boolean,
): Promise<Outcome<{ readonly answer: CheckAnswer; readonly client: CallingClient }>> {
  const { session, client, policy } = await house.checks.lookup(tokenHash, clientHash);
  if (client === undefined) return refuse('not_authenticated');
  if (!client.scopes.includes('sessions')) return refuse('not_allowed');
  checks.inc();
  if (session === undefined) return done({ client, answer: { active: false, reason: 'unknown' } });
  const now = house.world.now().getTime();
  const facts = seenNow(house, session, policy, now, touch);
  const reason = deathReason(facts, policy, now);
  if (reason !== undefined) return done({ client, answer: { active: false, reason } });
  return done({
    client,
    answer: {
      active: true,
      session: sessionView(facts, policy, now),
      account: { id: facts.accountId, login: facts.accountLogin },
    },
  });
}
