/** What the stream to a host carries: its orders, its clocks. Who may read it was decided when it was opened. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { ClocksEvent, HostSession, OrderEvent } from '../protocol/agent.ts';
import { policyInForce } from '../store/policy.ts';
import { clientsInForce } from '../store/principals.ts';
import { liveOnHost, pendingOnHost } from '../store/sessions.ts';
import type { Ctx } from './context.ts';
import { mayNotSpeakFor } from './steps/host-door.ts';
import { hostView, processView } from './steps/host-view.ts';

/** `GET /v1/agent/orders`: who may read a host's stream, and the client that is checked again while it lasts. */
export function mayReadOrders(ctx: Ctx, host: string): Outcome<{ readonly clientId: string }> {
  const no = mayNotSpeakFor(ctx, host);
  if (no) return no;
  if (host === '') return refuse('invalid_field', { errors: [{ path: 'host', message: 'is missing' }] });
  return done({ clientId: ctx.actor.id });
}

/** The orders that a host still has to carry out. */
export async function ordersFor(ctx: Ctx, host: string): Promise<OrderEvent[]> {
  const pending = await pendingOnHost(ctx.read, host);
  return pending.map((facts) => ({
    session_id: facts.id,
    order_id: facts.orderId,
    reason: facts.endReason ?? 'ended',
    process: processView(facts),
    followed: facts.doorRef !== null,
  }));
}

/** What a daemon began on a host: one session, or all that stand there in processes of its own naming. */
export async function begunOn(ctx: Ctx, host: string, id?: string): Promise<HostSession[]> {
  const { policy } = await policyInForce(ctx.read);
  const live = await liveOnHost(ctx.read, host, id);
  return live.filter((facts) => facts.doorRef !== null).map((facts) => hostView(facts, policy));
}

/** The clocks in force of a host's live sessions, after the policy changed. */
export async function clocksFor(ctx: Ctx, host: string): Promise<ClocksEvent> {
  const { policy } = await policyInForce(ctx.read);
  const live = await liveOnHost(ctx.read, host);
  return {
    sessions: live.map((facts) => {
      const { id, idle_seconds, absolute_expires_at } = hostView(facts, policy);
      return { session_id: id, idle_seconds, absolute_expires_at };
    }),
  };
}

/** Which of these clients' keys are still good: a stream outlives the check that opened it. */
export async function goodClients(ctx: Ctx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return clientsInForce(ctx.read, ids);
}
