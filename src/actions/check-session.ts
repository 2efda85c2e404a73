/** The hot path: does the session behind this token live? One shared look-up, one pure decision, no write. */

import type { Policy } from '../domain/policy.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { clocksInForce, deathReason, type SessionFacts, touchEveryMs } from '../domain/session.ts';
import { checks } from '../metrics.ts';
import type { CheckAnswer } from '../protocol/api.ts';
import type { CallingClient } from '../store/checks.ts';
import type { House } from './context.ts';
import { sessionView } from './steps/session-view.ts';

/**
 * The session with what this node saw of it and has not written yet; and that it was seen now, if `touch`. A dead
 * session is never touched.
 */
export function seenNow(
  house: House,
  stored: SessionFacts,
  policy: Policy,
  now: number,
  touch: boolean,
): SessionFacts {
  const latest = house.touches.latest(stored.id);
  const facts =
    latest !== undefined && latest > stored.lastSeenAt ? { ...stored, lastSeenAt: latest } : stored;
  if (!touch || deathReason(facts, policy, now) !== undefined) return facts;
  if (now - facts.lastSeenAt >= touchEveryMs(clocksInForce(facts, policy).idleMs)) {
    house.touches.note(facts.id, now);
  }
  return now > facts.lastSeenAt ? { ...facts, lastSeenAt: now } : facts;
}

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
