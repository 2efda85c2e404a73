/** What became of a logoff, door by door, in plain words. */
import type { SessionFacts } from '../../domain/session.ts';
import type { Order } from '../../protocol/api.ts';
import { unanswered } from '../../store/door-sessions.ts';
import { hostsNamed } from '../../store/hosts.ts';
import { type DoorStanding, doorsOfOrder, type OrderRow, sessionsOfOrder } from '../../store/orders.ts';
import type { Ctx } from '../context.ts';
import { leaseMs } from './grace.ts';

type ReceiptState = Order['receipts'][number]['state'];

/** Receipts listed at the most; `more_receipts` says that there are others. */
const receiptsListed = 1000;

export async function receiptsOf(ctx: Ctx, order: OrderRow): Promise<Order> {
  const { id } = order;
  const doors = await doorsOfOrder(ctx.read, id);
  const hosts = await hostsNamed(ctx.read, [...new Set(doors.map((door) => door.host))]);
  const since = ctx.now.getTime() - leaseMs;
  const reachable = new Set(
    hosts.filter((host) => host.lastContactAt.getTime() >= since).map((host) => host.name),
  );
  const within: Reach = { agents: reachable, daemons: new Set(ctx.house.disconnector.hosts) };
  const states = doors.map((door) => receiptState(door, within));
  const found = await sessionsOfOrder(ctx.read, id, receiptsListed + 1);
  return {
    id: order.id,
    reason: order.reason,
    requested_by: order.requestedBy,
    created_at: order.createdAt.toISOString(),
    state: orderState(order, states),
    select: order.selector as Record<string, unknown>,
    receipts: found.slice(0, receiptsListed).map((facts) => receipt(facts, within)),
    more_receipts: found.length > receiptsListed,
  };
}

/** Hosts by who ends their sessions: agents that were heard of lately, and daemons that the service tells itself. */
interface Reach {
  readonly agents: ReadonlySet<string>;
  readonly daemons: ReadonlySet<string>;
}

function receiptState({ state, host, far, unanswered }: DoorStanding, within: Reach): ReceiptState {
  if (state === null || state === 'ended') return 'ended';
  const reachable = far ? within.daemons.has(host) && !unanswered : within.agents.has(host);
  if (!reachable) return 'unreachable';
  return state === 'not_proven' ? 'not_proven' : 'pending';
}

/** A session that a daemon's own feed tells of, whose process nobody named. */
const isFar = ({ doorRef, process }: SessionFacts) => doorRef !== null && process === null;

function standing(facts: SessionFacts): DoorStanding {
  const outOfReach = facts.doorDetail?.startsWith(unanswered) === true;
  return { state: facts.doorState, host: facts.host ?? '', far: isFar(facts), unanswered: outOfReach };
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

/** The same of a session that a daemon's own feed tells of, and that the service ends there. */
const saidFar: Readonly<Record<ReceiptState, string>> = {
  ended: 'it is closed, by the word of the daemon that served it',
  pending: 'its daemon is told to end it',
  not_proven: 'its daemon was told and has not confirmed the end; it is told again',
  unreachable: 'its daemon does not answer; it is told again until it does',
};
const followed = 'its daemon has not reported the end yet, and nothing ends it there';

function receipt(facts: SessionFacts, within: Reach): Order['receipts'][number] {
  const state = receiptState(standing(facts), within);
  const at = state !== 'ended' ? null : facts.doorState === null ? facts.endedAt : facts.doorAt;
  return {
    session_id: facts.id,
    login: facts.login,
    channel: facts.channel,
    host: facts.host,
    state,
    ended_at: at === null ? null : new Date(at).toISOString(),
    meaning: meaning(state, facts),
    detail: detailOf(state, facts),
  };
}

/** A session of the panel is its token. */
const ofToken = 'its token is refused everywhere';

function meaning(state: ReceiptState, facts: SessionFacts): string {
  if (!isFar(facts)) return state === 'ended' && facts.doorState === null ? ofToken : said[state];
  const { unanswered: silent } = standing(facts);
  return state === 'unreachable' && !silent ? followed : saidFar[state];
}

/** What was said of the door, where that tells more than the state does. */
function detailOf(state: ReceiptState, facts: SessionFacts): string {
  const { unanswered: silent, far } = standing(facts);
  const tells = far ? state !== 'pending' && (state !== 'unreachable' || silent) : state !== 'unreachable';
  return (tells ? facts.doorDetail : null) ?? meaning(state, facts);
}
