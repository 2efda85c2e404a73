/** Activity: noted here, written behind, and counted at once. */
import type { Policy } from '../../domain/policy.ts';
import { clocksInForce, deathReason, type SessionFacts, touchEveryMs } from '../../domain/session.ts';
import type { House } from '../context.ts';

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
