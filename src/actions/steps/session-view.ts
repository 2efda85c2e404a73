/** A session as callers see it. */
import type { Policy } from '../../domain/policy.ts';
import { type CheckReason, deathReason, endsAt, type SessionFacts } from '../../domain/session.ts';
import type { Session } from '../../protocol/api.ts';

const iso = (ms: number) => new Date(ms).toISOString();

/** An idle session in processes is over when its agent says so: it sees the traffic, the service may be behind. */
function deadAt(facts: SessionFacts, policy: Policy, now: number): CheckReason | undefined {
  const reason = deathReason(facts, policy, now);
  if (reason !== 'idle' || facts.doorState === null || now >= endsAt(facts, policy).absoluteAt) return reason;
  return undefined;
}

/** Contract section 6; a session whose clock ran out reads as ended at that very moment, swept or not. */
export function sessionView(facts: SessionFacts, policy: Policy, now: number): Session {
  const { idleAt, absoluteAt } = endsAt(facts, policy);
  const dead = facts.endReason ?? deadAt(facts, policy, now);
  const ranOut = facts.endedAt === null && (dead === 'idle' || dead === 'absolute');
  const endedAt = facts.endedAt ?? (ranOut ? idleAt : null);
  return {
    id: facts.id,
    account_id: facts.accountId,
    login: facts.login,
    store: facts.store,
    channel: facts.channel,
    profile: facts.profile,
    host: facts.host,
    source_ip: facts.sourceIp,
    user_agent: facts.userAgent,
    opened_at: iso(facts.openedAt),
    last_seen_at: iso(facts.lastSeenAt),
    idle_expires_at: iso(idleAt),
    absolute_expires_at: iso(absoluteAt),
    ended_at: endedAt === null ? (dead === undefined ? null : iso(now)) : iso(endedAt),
    end_reason: dead ?? null,
    door: facts.doorState,
  };
}
