import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { SessionFacts } from '../domain/session.ts';
import type { Order } from '../protocol/api.ts';
import { hostsNamed } from '../store/hosts.ts';
import { doorsOfOrder, type OrderRow, orderById, sessionsOfOrder } from '../store/orders.ts';
import type { Ctx } from './context.ts';
import { leaseMs } from './steps/grace.ts';
import { mayNot } from './steps/may.ts';

type ReceiptState = Order['receipts'][number]['state'];

/** Receipts listed at the most; `more_receipts` says that there are others. */
const receiptsListed = 1000;

/** `GET /v1/orders/{id}` (contract section 6): what became of a logoff, door by door. */
export async function readOrder(ctx: Ctx, id: string): Promise<Outcome<Order>> {
  const no = mayNot(ctx, { scopes: ['sessions'], roles: ['admin', 'support', 'auditor'] });
  if (no) return no;
  const order = await orderById(ctx.read, id);
  return order === undefined ? refuse('not_found') : done(await receiptsOf(ctx, order));
}

/** `GET /v1/me/orders/{id}`: what became of a logoff that the customer asked for. Others are as if they were not there. */
export async function readOwnOrder(ctx: Ctx, id: string): Promise<Outcome<Order>> {
  if (ctx.principal.kind !== 'session') return refuse('not_allowed');
  const order = await orderById(ctx.read, id);
  const own = order !== undefined && isOwn(order, ctx.principal.session.accountId);
  return own ? done(await receiptsOf(ctx, order)) : refuse('not_found');
}

/** Asked for by a session, and of that account: sessions order nothing but their own account's ends. */
function isOwn(order: OrderRow, accountId: string): boolean {
  const selector = order.selector as { readonly account_id?: string; readonly owner_id?: string };
  const owner = selector.owner_id ?? selector.account_id;
  return order.requestedBy.startsWith('session:') && owner === accountId;
}

async function receiptsOf(ctx: Ctx, order: OrderRow): Promise<Order> {
  const { id } = order;
  const doors = await doorsOfOrder(ctx.read, id);
  const hosts = await hostsNamed(ctx.read, [...new Set(doors.map((door) => door.host))]);
  const since = ctx.now.getTime() - leaseMs;
  const reachable = new Set(
    hosts.filter((host) => host.lastContactAt.getTime() >= since).map((host) => host.name),
  );
  const states = doors.map((door) => receiptState(door.state, door.host, reachable));
  const found = await sessionsOfOrder(ctx.read, id, receiptsListed + 1);
  return {
    id: order.id,
    reason: order.reason,
    requested_by: order.requestedBy,
    created_at: order.createdAt.toISOString(),
    state: orderState(order, states),
    select: order.selector as Record<string, unknown>,
    receipts: found.slice(0, receiptsListed).map((facts) => receipt(facts, reachable)),
    more_receipts: found.length > receiptsListed,
  };
}

function receiptState(
  door: SessionFacts['doorState'],
  host: string,
  reachable: ReadonlySet<string>,
): ReceiptState {
  if (door === null || door === 'ended') return 'ended';
  if (!reachable.has(host)) return 'unreachable';
  return door === 'not_proven' ? 'not_proven' : 'pending';
}

/** `pending` while an agent is at it, `partial` when only doors are left that nobody can prove shut now. */
function orderState(order: OrderRow, states: readonly ReceiptState[]): Order['state'] {
  if (!order.tidied || states.includes('pending')) return 'pending';
  return states.every((state) => state === 'ended') ? 'done' : 'partial';
}

/** Each state in plain words, for those who do not know what a cgroup is. */
const said: Readonly<Record<ReceiptState, string>> = {
  ended: 'it is closed, and its host proved that nothing of it runs any more',
  pending: 'its host has the order and has not reported the end yet',
  not_proven: 'its host could not prove that every process is gone; it keeps trying',
  unreachable: 'its host does not answer; the order waits for it and its logins are refused meanwhile',
};

/** Of a session that a daemon's own feed tells of: no agent knows a process of it. */
const followed = 'its daemon has not reported the end yet, and no agent ends it there';

function receipt(facts: SessionFacts, reachable: ReadonlySet<string>): Order['receipts'][number] {
  const state = receiptState(facts.doorState, facts.host ?? '', reachable);
  const at = state !== 'ended' ? null : facts.doorState === null ? facts.endedAt : facts.doorAt;
  return {
    session_id: facts.id,
    login: facts.login,
    channel: facts.channel,
    host: facts.host,
    state,
    ended_at: at === null ? null : new Date(at).toISOString(),
    meaning: meaning(state, facts),
    detail: state === 'unreachable' ? unreachable(facts) : (facts.doorDetail ?? meaning(state, facts)),
  };
}

/** A session of the panel is its token. */
const ofToken = 'its token is refused everywhere';

function meaning(state: ReceiptState, facts: SessionFacts): string {
  if (state === 'unreachable') return unreachable(facts);
  return state === 'ended' && facts.doorState === null ? ofToken : said[state];
}

const unreachable = ({ process }: SessionFacts) => (process === null ? followed : said.unreachable);
