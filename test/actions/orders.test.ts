/** Promise 6: a receipt from every door. `ended` only after proof; who is silent is told apart from who tries. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { authenticate } from '../../src/actions/authenticate.ts';
import { setCredential } from '../../src/actions/credentials.ts';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { greetAgent } from '../../src/actions/greet-agent.ts';
import { ordersFor } from '../../src/actions/host-orders.ts';
import { judgeAccount } from '../../src/actions/judge-account.ts';
import { sessionsListed } from '../../src/actions/list-sessions.ts';
import { openHostSession } from '../../src/actions/open-host-session.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { readOrder } from '../../src/actions/read-order.ts';
import { takeReports } from '../../src/actions/take-reports.ts';
import { sweepSessions } from '../../src/actions/tidy.ts';
import type { ReportsRequest } from '../../src/protocol/agent.ts';
import { authenticateRequest, type Order } from '../../src/protocol/api.ts';
import { admin, agentOf, fitTestHouse, opened, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);

const boot = '00000000-0000-4000-8000-000000000000';
let count = 0;
let host = '';
let login = '';
let account = '';

beforeEach(async () => {
  count += 1;
  host = `h${count}`;
  login = `login-${count}`;
  account = await house.account(login, { ssh: password, panel: password });
  await hello();
});

const hello = async () =>
  value(await greetAgent(house.ctx(agentOf(host)), { host, boot_id: boot, version: '1', sessions: [] }));

let processes = 0;
const opening = (more: object = {}) => ({
  ...{ host, store: 'ssh', channel: 'ssh', login, method: 'publickey' as const },
  process: { pid: 4711, start: String(++processes), boot_id: boot },
  ...more,
});

async function openDoor(): Promise<string> {
  const answer = value(await openHostSession(house.ctx(agentOf(host)), opening()));
  if (answer.decision !== 'allow') throw new Error(answer.decision);
  return answer.session.id;
}

async function order(ids: string[]): Promise<string> {
  const input = { select: { ids }, reason: 'x', dry_run: false };
  const { order: made } = value(await endSessions(house.ctx(admin), input));
  return made.id ?? '';
}

const read = async (id: string): Promise<Order> => value(await readOrder(house.ctx(admin), id));
const now = () => new Date(house.now()).toISOString();
const report = async (reports: Partial<ReportsRequest>, by = host) =>
  value(
    await takeReports(house.ctx(agentOf(by)), { host: by, seen: [], gone: [], receipts: [], ...reports }),
  );
const receipt = (session_id: string, state: 'ended' | 'not_proven' = 'ended') => ({
  receipts: [{ session_id, state, at: now(), detail: `said ${state}` }],
});

it('an order is pending until its host proves the end, then done', async () => {
  const door = await openDoor();
  const id = await order([door]);
  expect(await read(id)).toMatchObject({
    state: 'pending',
    receipts: [{ session_id: door, state: 'pending' }],
  });
  house.pass(1000);
  await report(receipt(door));
  expect(await read(id)).toMatchObject({
    state: 'done',
    receipts: [{ state: 'ended', ended_at: now(), detail: 'said ended', host, channel: 'ssh' }],
  });
  expect(await ordersFor(house.ctx({ kind: 'system' }), host)).toEqual([]);
  const [event] = (await house.events('order.receipt')).filter((each) => each.session_id === door);
  expect(event).toMatchObject({ account_id: account, detail: { host, state: 'ended' } });
});

it('not_proven is partial and stays an order; a later proof completes it', async () => {
  const door = await openDoor();
  const id = await order([door]);
  await report(receipt(door, 'not_proven'));
  expect(await read(id)).toMatchObject({ state: 'partial', receipts: [{ state: 'not_proven' }] });
  expect(await ordersFor(house.ctx({ kind: 'system' }), host)).toHaveLength(1);
  await report(receipt(door));
  expect(await read(id)).toMatchObject({ state: 'done' });
});

it('a silent host is unreachable, and pending again once it is heard of', async () => {
  const door = await openDoor();
  const id = await order([door]);
  house.pass(31_000);
  expect(await read(id)).toMatchObject({
    state: 'partial',
    receipts: [{ state: 'unreachable', ended_at: null }],
  });
  expect(await ordersFor(house.ctx({ kind: 'system' }), host)).toHaveLength(1);
  await hello();
  expect(await read(id)).toMatchObject({ state: 'pending' });
  await report(receipt(door));
  house.pass(31_000);
  expect(await read(id)).toMatchObject({ state: 'done' });
});

it('a host that gives signs of life is in reach, though nothing happens there', async () => {
  const door = await openDoor();
  for (let passed = 0; passed < 120; passed += 5) {
    house.pass(5000);
    await report({ seen: [], gone: [], receipts: [] });
  }
  const id = await order([door]);
  expect(await read(id)).toMatchObject({ state: 'pending' });
});

it('a session by token is proved by its death', async () => {
  const session = opened(await house.guess({ login, store: 'panel' }));
  const id = await order([session.id]);
  expect(await read(id)).toMatchObject({
    state: 'done',
    receipts: [{ state: 'ended', host: null, ended_at: now() }],
  });
});

it('a receipt may come any number of times, also at once; it is recorded once', async () => {
  const door = await openDoor();
  await order([door]);
  for (const state of ['not_proven', 'ended'] as const) {
    const answers = await Promise.all(Array.from({ length: 16 }, () => report(receipt(door, state))));
    for (const answer of answers) expect(answer).toEqual({ accepted: 1, unknown: [] });
  }
  await report(receipt(door, 'not_proven'));
  expect(await house.session(door)).toMatchObject({ door_state: 'ended' });
  const events = (await house.events('order.receipt')).filter((each) => each.session_id === door);
  expect(events.map((each) => each.detail?.state)).toEqual(['not_proven', 'ended']);
});

it('a receipt for a session that nobody ended changes nothing', async () => {
  const door = await openDoor();
  await report(receipt(door));
  expect(await house.session(door)).toMatchObject({ ended_at: null, door_state: 'open' });
});

it('gone: ended by itself, with its reason, proved or waiting for proof', async () => {
  const [closed, lost] = [await openDoor(), await openDoor()];
  const gone = { at: now(), detail: 'as seen' };
  const reports = {
    gone: [
      { ...gone, session_id: closed, reason: 'closed' as const, proved: true },
      { ...gone, session_id: lost, reason: 'idle' as const, proved: false },
    ],
  };
  expect(await report(reports)).toEqual({ accepted: 2, unknown: [] });
  await report(reports);
  expect(await house.session(closed)).toMatchObject({ end_reason: 'closed', door_state: 'ended' });
  expect(await house.session(lost)).toMatchObject({ end_reason: 'idle', door_state: 'not_proven' });
  const events = (await house.events('session.ended')).filter((each) => each.account_id === account);
  expect(events.map((each) => each.detail?.reason)).toEqual(['closed', 'idle']);
});

it('an order that was on its way when a session closed by itself is done, and the first reason stands', async () => {
  const door = await openDoor();
  const id = await order([door]);
  await report({ gone: [{ session_id: door, at: now(), reason: 'closed', proved: true, detail: 'x' }] });
  expect(await read(id)).toMatchObject({ state: 'done', receipts: [{ state: 'ended' }] });
  expect(await house.session(door)).toMatchObject({ end_reason: 'ended', order_id: id });
});

it('a second order about doors that are still open has receipts of its own', async () => {
  const door = await openDoor();
  const first = await order([door]);
  const second = await order([door]);
  expect(await read(second)).toMatchObject({ state: 'pending', receipts: [{ session_id: door }] });
  await report(receipt(door));
  expect([(await read(first)).state, (await read(second)).state]).toEqual(['done', 'done']);
});

it.each([
  [
    'a suspension',
    () => changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'all', reason: 'x' }),
  ],
  ['a new password', () => setCredential(house.ctx(panel), account, 'ssh', { password: `${password} two` })],
])('%s becomes an order for the host too', async (_, change) => {
  const proof = await house.guess({ login, store: 'ssh', open_session: false });
  if (proof.decision !== 'allow') throw new Error(proof.decision);
  const input = opening({ method: 'password', verified: proof.verified });
  const answer = value(await openHostSession(house.ctx(agentOf(host)), input));
  if (answer.decision !== 'allow') throw new Error(answer.decision);
  value((await change()) as Awaited<ReturnType<typeof changeStatus>>);
  const orders = await ordersFor(house.ctx({ kind: 'system' }), host);
  expect(orders.map((each) => each.session_id)).toEqual([answer.session.id]);
  const late = value(await openHostSession(house.ctx(agentOf(host)), input));
  expect(late).toEqual({ decision: 'deny', reason: 'invalid_credentials' });
});

it('sessions of other hosts are unknown to a report, and nothing of them changes', async () => {
  const door = await openDoor();
  await order([door]);
  const stranger = agentOf('elsewhere');
  const answer = await report(
    {
      seen: [{ session_id: door, last_seen_at: now(), channel: 'sftp' }],
      gone: [{ session_id: door, at: now(), reason: 'closed', proved: true, detail: 'x' }],
      ...receipt(door),
    },
    'elsewhere',
  );
  expect(answer).toEqual({ accepted: 0, unknown: [door] });
  expect(await house.session(door)).toMatchObject({ door_state: 'pending', channel: 'ssh' });
  expect(house.house.touches.latest(door)).toBeUndefined();
  for (const refused of [
    await takeReports(house.ctx(stranger), { host, seen: [], gone: [], ...receipt(door) }),
    await greetAgent(house.ctx(stranger), { host, boot_id: boot, version: '1', sessions: [] }),
    await judgeAccount(house.ctx(stranger), opening()),
    await openHostSession(house.ctx(stranger), opening()),
    await authenticate(
      house.ctx(stranger),
      authenticateRequest.parse({ store: 'ssh', login, password, host, source_ip: '192.0.2.1' }),
    ),
  ]) {
    expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_allowed' } });
  }
});

it('an active session outlives an outage of the service: its agent kept its clocks', async () => {
  const door = await openDoor();
  const minutes = 60_000;
  house.pass(40 * minutes);
  await sweepSessions(house.ctx({ kind: 'system' }));
  expect((await house.session(door)).ended_at).toBeNull();
  const listed = async () =>
    value(await sessionsListed(house.ctx(panel), { limit: 10, host, live: 'true' })).items;
  expect(await listed()).toMatchObject([{ id: door, ended_at: null, end_reason: null }]);
  house.pass(-1000);
  await report({ seen: [{ session_id: door, last_seen_at: now() }] });
  house.pass(1000);
  await house.house.touches.flush();
  await sweepSessions(house.ctx({ kind: 'system' }));
  expect((await house.session(door)).ended_at).toBeNull();
  expect(await listed()).toMatchObject([{ id: door, ended_at: null, end_reason: null }]);
});

it('the absolute end of a session in processes becomes an order when its agent stays silent about it', async () => {
  const door = await openDoor();
  house.pass(12 * 3_600_000 + 29_000);
  await sweepSessions(house.ctx({ kind: 'system' }));
  expect((await house.session(door)).ended_at).toBeNull();
  house.pass(2_000);
  await sweepSessions(house.ctx({ kind: 'system' }));
  expect(await house.session(door)).toMatchObject({ end_reason: 'absolute', door_state: 'pending' });
});

it('hello names what lives, with the clocks in force', async () => {
  const door = await openDoor();
  value(await changePolicy(house.ctx(admin), { stores: { ssh: { standard: { idle_seconds: 7 } } } }));
  expect((await hello()).sessions).toMatchObject([{ id: door, idle_seconds: 7, process: { pid: 4711 } }]);
  value(await changePolicy(house.ctx(admin), { stores: null }));
});

it('judges an account whatever it was proved by: unknown, allowed, shut', async () => {
  const ask = async () => value(await judgeAccount(house.ctx(agentOf(host)), opening()));
  expect(await ask()).toEqual({ decision: 'allow' });
  value(await changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'logins', reason: 'x' }));
  expect(await ask()).toEqual({ decision: 'deny', reason: 'invalid_credentials' });
  login = 'nobody-of-that-name';
  expect(await ask()).toEqual({ decision: 'unknown' });
});

it('a shell that proves to be file transfer is listed as that, and back, and both are on record', async () => {
  const door = await openDoor();
  const say = (channel: string) => report({ seen: [{ session_id: door, last_seen_at: now(), channel }] });
  await say('sftp');
  expect(await house.session(door)).toMatchObject({ channel: 'sftp', ended_at: null });
  await say('sftp');
  await say('ssh');
  expect(await house.session(door)).toMatchObject({ channel: 'ssh' });
  for (const foreign of ['panel', 'ftp', 'no such channel']) {
    await takeReports(house.ctx(agentOf(host)), {
      ...{ host, gone: [], receipts: [] },
      seen: [{ session_id: door, last_seen_at: now(), channel: foreign }],
    });
    expect(await house.session(door), foreign).toMatchObject({ channel: 'ssh' });
  }
  const told = (await house.events('session.renamed')).filter((each) => each.session_id === door);
  expect(told.map((each) => each.detail?.channel)).toEqual(['sftp', 'ssh']);
});

it('a session that turns out to be on a channel that the policy closes ends there', async () => {
  const door = await openDoor();
  value(await changePolicy(house.ctx(admin), { channels: { sftp: { allowed: false } } }));
  await report({ seen: [{ session_id: door, last_seen_at: now(), channel: 'sftp' }] });
  value(await changePolicy(house.ctx(admin), { channels: null }));
  expect(await house.session(door)).toMatchObject({ end_reason: 'ended', door_state: 'pending' });
});

it('a process has one session, however often it is asked for, also at once', async () => {
  const input = opening();
  const ids = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const answer = value(await openHostSession(house.ctx(agentOf(host)), input));
      return answer.decision === 'allow' ? answer.session.id : answer.decision;
    }),
  );
  expect(new Set(ids).size).toBe(1);
});

it('what an agent still sees of a session that was proved ended is unknown to it: it ends what it sees', async () => {
  const door = await openDoor();
  await order([door]);
  await report(receipt(door));
  const answer = await report({ seen: [{ session_id: door, last_seen_at: now() }] });
  expect(answer).toEqual({ accepted: 0, unknown: [door] });
});

it('a second machine of one name is refused while the first one lives, and believed after its lease', async () => {
  await hello();
  const other = { host, boot_id: '11111111-0000-4000-8000-000000000000', version: '1', sessions: [] };
  const greet = () => greetAgent(house.ctx(agentOf(host)), other);
  expect(await greet()).toMatchObject({ ok: false, refusal: { refused: 'host_taken' } });
  house.pass(31_000);
  expect(await greet()).toMatchObject({ ok: true });
});
