import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { HelloAnswer, HelloRequest } from '../protocol/agent.ts';
import { type HostRow, lockHost, saveHost } from '../store/hosts.ts';
import { policyInForce } from '../store/policy.ts';
import { liveOnHost } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';
import { leaseMs } from './steps/grace.ts';
import { mayNotSpeakFor } from './steps/host-door.ts';
import { hostView } from './steps/host-view.ts';

/** `POST /v1/agent/hello`: both sides learn what the other believes to be live. */
export async function greetAgent(ctx: Ctx, input: HelloRequest): Promise<Outcome<HelloAnswer>> {
  const no = mayNotSpeakFor(ctx, input.host);
  if (no) return no;
  const { policy } = await policyInForce(ctx.read);
  return ctx.act<Outcome<HelloAnswer>>(async (tx) => {
    const { host, version, boot_id: bootId } = input;
    const before = await lockHost(tx, host);
    if (isAnotherMachine(before, bootId, ctx.now)) return unchanged(refuse('host_taken'));
    await saveHost(tx, { name: host, clientId: ctx.actor.id, bootId, version, lastContactAt: ctx.now });
    const sessions = await liveOnHost(tx, host);
    const answer = {
      server_time: ctx.now.toISOString(),
      lease_seconds: leaseMs / 1000,
      sessions: sessions.map((facts) => hostView(facts, policy)),
    };
    const detail = { host, version, boot_id: bootId, sessions: input.sessions.length };
    return { value: done(answer), events: [{ kind: 'agent.connected', detail }] };
  });
}

/**
 * Two machines of one name, such as copies of a virtual machine, would prove each other's sessions gone. So another
 * boot is only believed once the one before has been silent for a lease: a machine that really started anew waits.
 */
function isAnotherMachine(before: HostRow | undefined, bootId: string, now: Date): boolean {
  if (before === undefined || before.bootId === bootId) return false;
  return now.getTime() - before.lastContactAt.getTime() < leaseMs;
}
