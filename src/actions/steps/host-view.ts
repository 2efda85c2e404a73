/** A session as the agent of its host sees it. */
import type { Policy } from '../../domain/policy.ts';
import { clocksInForce, type SessionFacts } from '../../domain/session.ts';
import type { HostSession } from '../../protocol/agent.ts';

const iso = (ms: number) => new Date(ms).toISOString();

export function processView({ process }: SessionFacts) {
  return process && { pid: process.pid, start: process.start, boot_id: process.boot };
}

export function hostView(facts: SessionFacts, policy: Policy): HostSession {
  const { idleMs, absoluteAt } = clocksInForce(facts, policy);
  const { sourceIp: ip, sourcePort: port } = facts;
  return {
    id: facts.id,
    login: facts.login,
    store: facts.store,
    channel: facts.channel,
    idle_seconds: idleMs / 1000,
    absolute_expires_at: iso(absoluteAt),
    opened_at: iso(facts.openedAt),
    last_seen_at: iso(facts.lastSeenAt),
    process: processView(facts),
    followed: facts.doorRef !== null,
    source: ip === null || port === null ? null : { ip, port },
  };
}
