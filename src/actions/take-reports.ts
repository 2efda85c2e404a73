/** What a host's agent saw: activity, ends, and what became of orders. */
import { channelNamed } from '../domain/channels/index.ts';
import type { AuditEvent } from '../domain/event.ts';
import { channelAllowed } from '../domain/policy.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import type { GoneReport, Receipt, ReportsAnswer, ReportsRequest, SeenReport } from '../protocol/agent.ts';
import type { Tx } from '../store/db.ts';
import { heardFrom } from '../store/hosts.ts';
import { policyInForce } from '../store/policy.ts';
import { doorsOnHost, endSessions, setChannel, settleDoor } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';
import { leaseMs } from './steps/grace.ts';
import { mayNotSpeakFor } from './steps/host-door.ts';

/**
 * `POST /v1/agent/reports`. Repeats change nothing. Answered as unknown: sessions of other hosts, and those that an
 * agent still sees though their end was proved: it then ends what it sees.
 */
export async function takeReports(ctx: Ctx, input: ReportsRequest): Promise<Outcome<ReportsAnswer>> {
  const no = mayNotSpeakFor(ctx, input.host);
  if (no) return no;
  const all = [...input.seen, ...input.gone, ...input.receipts].map((each) => each.session_id);
  const doors = await doorsOnHost(ctx.read, input.host, all);
  const ours = <T extends { session_id: string }>(list: readonly T[]) =>
    list.filter((each) => doors.has(each.session_id));
  const seen = ours(input.seen).filter((each) => doors.get(each.session_id) !== 'ended');
  for (const { session_id: id, last_seen_at: at } of seen) {
    ctx.house.touches.note(id, Math.min(Date.parse(at), ctx.now.getTime()));
  }
  for (const each of seen) if (each.channel !== undefined) await rename(ctx, input.host, each, each.channel);
  await settle(ctx, input.host, ours(input.gone), ours(input.receipts));
  await heardFrom(ctx.house.database, input.host, ctx.now, leaseMs / 10);
  const taken = new Set(
    [...seen, ...ours(input.gone), ...ours(input.receipts)].map((each) => each.session_id),
  );
  const unknown = [...new Set(all.filter((id) => !taken.has(id)))];
  return done({ accepted: all.filter((id) => taken.has(id)).length, unknown });
}

/** An ssh session that turns out to be file transfer; where the policy closes that door, it ends here. */
async function rename(ctx: Ctx, host: string, { session_id: id }: SeenReport, name: string): Promise<void> {
  const channel = channelNamed(name);
  if (channel === undefined) return;
  await ctx.act(async (tx) => {
    if (!(await setChannel(tx, host, id, channel))) return unchanged(undefined);
    const events: AuditEvent[] = [
      { kind: 'session.renamed', sessionId: id, detail: { host, channel: name } },
    ];
    const { policy } = await policyInForce(tx);
    if (!channelAllowed(policy, name, undefined)) {
      await endSessions(tx, [id], { at: ctx.now, reason: 'ended' });
      const detail = { host, channel: name, reason: 'channel_refused' };
      events.push({ kind: 'session.ended', sessionId: id, detail });
    }
    return { value: undefined, events };
  });
}

async function settle(
  ctx: Ctx,
  host: string,
  gone: readonly GoneReport[],
  receipts: readonly Receipt[],
): Promise<void> {
  if (gone.length + receipts.length === 0) return;
  await ctx.act(async (tx) => {
    const events: AuditEvent[] = [];
    for (const each of gone) events.push(...(await settleGone(tx, host, each)));
    for (const each of receipts) events.push(...(await settleReceipt(tx, host, each)));
    return events.length === 0 ? unchanged(undefined) : { value: undefined, events };
  });
}

async function settleGone(tx: Tx, host: string, gone: GoneReport): Promise<AuditEvent[]> {
  const door = {
    state: gone.proved ? 'ended' : 'not_proven',
    at: new Date(gone.at),
    detail: gone.detail,
  } as const;
  const accountId = await settleDoor(tx, host, gone.session_id, door, gone.reason);
  if (accountId === undefined) return [];
  const detail = { host, reason: gone.reason, proved: gone.proved };
  return [{ kind: 'session.ended', accountId, sessionId: gone.session_id, detail }];
}

async function settleReceipt(tx: Tx, host: string, receipt: Receipt): Promise<AuditEvent[]> {
  const door = { state: receipt.state, at: new Date(receipt.at), detail: receipt.detail };
  const accountId = await settleDoor(tx, host, receipt.session_id, door);
  if (accountId === undefined) return [];
  const detail = { host, state: receipt.state, detail: receipt.detail };
  return [{ kind: 'order.receipt', accountId, sessionId: receipt.session_id, detail }];
}
