import { setTimeout as sleep } from 'node:timers/promises';
import type { Ctx } from '../actions/context.ts';
import { endSessions } from '../actions/end-sessions.ts';
import { sessionsListed } from '../actions/list-sessions.ts';
import { readOrder } from '../actions/read-order.ts';
import { tidyCutoffs } from '../actions/tidy.ts';
import type { Outcome } from '../domain/refusal.ts';
import { type EndAnswer, endRequest, type Order, type Session, sessionQuery } from '../protocol/api.ts';
import { faults, type Terminal, table, tell } from './output.ts';

/** An ended session whose processes may still run is not simply over. */
function stateOf({ end_reason, door, host, idle_expires_at }: Session): string {
  if (end_reason === null) return `live until ${idle_expires_at}`;
  return door === 'pending' || door === 'not_proven'
    ? `${end_reason}, not proved yet by ${host}`
    : end_reason;
}

/** `gatehouse sessions list` with the filters of `GET /v1/sessions`. */
export async function sessionsList(
  ctx: Ctx,
  terminal: Terminal,
  filters: Readonly<Record<string, unknown>>,
): Promise<number> {
  const query = sessionQuery.safeParse(filters);
  if (!query.success) return tell(terminal, faults(query.error), () => []);
  return tell(terminal, await sessionsListed(ctx, query.data), (page) => {
    const rows = page.items.map((each) => [
      each.id,
      each.login,
      each.channel,
      each.host ?? '-',
      each.source_ip ?? '-',
      each.opened_at,
      stateOf(each),
    ]);
    if (rows.length === 0) return ['no sessions'];
    const more = page.next_cursor === null ? [] : [`more: --cursor ${page.next_cursor}`];
    return [...table([['id', 'login', 'channel', 'host', 'from', 'opened', 'state'], ...rows]), ...more];
  });
}

/** `gatehouse sessions end`: as `POST /v1/sessions/end`; works when HTTP is down. Waits a little for the proofs. */
export async function sessionsEnd(
  ctx: Ctx,
  terminal: Terminal,
  select: Readonly<Record<string, unknown>>,
  options: { readonly reason: string; readonly dryRun: boolean },
): Promise<number> {
  const input = endRequest.safeParse({ select, reason: options.reason, dry_run: options.dryRun });
  if (!input.success) return tell(terminal, faults(input.error), () => []);
  const outcome = await endSessions(ctx, input.data);
  if (!outcome.ok || options.dryRun)
    return tell(terminal, outcome, ({ order }) => [matchedLine('would end', order)]);
  await tidyCutoffs(ctx);
  const { order } = outcome.value;
  if (order.id === null || order.pending === 0 || terminal.json) {
    return tell(terminal, outcome, () => [matchedLine('ended', order), `order ${order.id}`]);
  }
  const proved = await untilProved(ctx, order.id);
  return tell(terminal, proved, (receipts) => [matchedLine('ended', order), ...orderLines(receipts)]);
}

/** `gatehouse orders show ID`: what became of a logoff, door by door. */
export async function ordersShow(ctx: Ctx, terminal: Terminal, id: string): Promise<number> {
  return tell(terminal, await readOrder(ctx, id), orderLines);
}

const proofsWithinMs = 3_000;

async function untilProved(ctx: Ctx, id: string): Promise<Outcome<Order>> {
  const { monotonicMs } = ctx.house.world;
  const deadline = monotonicMs() + proofsWithinMs;
  for (;;) {
    const order = await readOrder(ctx, id);
    if (!order.ok || order.value.state !== 'pending' || monotonicMs() > deadline) return order;
    await sleep(50);
  }
}

function matchedLine(verb: string, { matched, by_channel }: EndAnswer['order']): string {
  const channels = Object.entries(by_channel).map(([name, count]) => `${count} ${name}`);
  const what = channels.length === 0 ? 'nothing matched' : channels.join(', ');
  return `${verb} ${matched} ${matched === 1 ? 'session' : 'sessions'}: ${what}`;
}

function orderLines(order: Order): string[] {
  const rows = order.receipts.map((each) => [
    each.login,
    each.channel,
    each.host ?? '-',
    each.state,
    each.meaning === each.detail ? each.meaning : `${each.meaning} (${each.detail})`,
  ]);
  const more = order.more_receipts ? ['… and more'] : [];
  return [`order ${order.id}: ${order.state}`, ...table(rows), ...more];
}
