/** Promise 5: a bulk logoff takes effect with one row, on every node, whatever was being opened meanwhile. */
import { afterAll, afterEach, expect, it } from 'vitest';
import { checkSession } from '../../src/actions/check-session.ts';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { ordersFor } from '../../src/actions/host-orders.ts';
import { openHostSession } from '../../src/actions/open-host-session.ts';
import { readOrder } from '../../src/actions/read-order.ts';
import { takeReports } from '../../src/actions/take-reports.ts';
import { tidyCutoffs } from '../../src/actions/tidy.ts';
import type { EndRequest } from '../../src/protocol/api.ts';
import { lockOwner } from '../../src/store/entry.ts';
import { admin, agentOf, fitTestHouse, hexHash, opened, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
const other = house.node();
const { token: key } = await house.client(['sessions']);
const { sql } = house.database;

let count = 0;
const open = async (source_ip = '198.51.100.7') => {
  const login = `login-${++count}`;
  await house.account(login, { panel: password });
  return opened(await house.guess({ login, store: 'panel', source_ip }));
};
const check = async (token: string) =>
  value(await checkSession(other.house, hexHash(key), hexHash(token), true)).answer;
const end = async (select: EndRequest['select'], dry_run = false) =>
  value(await endSessions(house.ctx(admin), { select, reason: 'a bad day', dry_run }));
const tidy = () => tidyCutoffs(house.ctx({ kind: 'system' }));
const cutoffs = async () => (await sql`select order_id from cutoffs`).length;

afterEach(async () => {
  await tidy();
  expect(await cutoffs()).toBe(0);
});

it('what was opened before is dead at once on a second node; what is opened after lives', async () => {
  const before = await open();
  const answer = await end({ all: true });
  expect(answer.order).toMatchObject({ state: 'done', pending: 0 });
  expect(await check(before.token)).toEqual({ active: false, reason: 'ended' });
  expect((await house.session(before.id)).ended_at).toBeNull();
  const after = await open();
  expect(await check(after.token)).toMatchObject({ active: true });
  await tidy();
  expect(await house.session(before.id)).toMatchObject({ end_reason: 'ended', order_id: answer.order.id });
  expect(await check(before.token)).toEqual({ active: false, reason: 'ended' });
  expect(await check(after.token)).toMatchObject({ active: true });
  expect(value(await readOrder(house.ctx(admin), answer.order.id ?? ''))).toMatchObject({ state: 'done' });
  const [event] = (await house.events('sessions.ended')).slice(-1);
  expect(event).toMatchObject({
    actor_id: 'opr_admin',
    detail: { reason: 'a bad day', select: { all: true } },
  });
});

it('a dry run counts and changes nothing', async () => {
  const live = await open();
  const events = (await house.events()).length;
  const answer = await end({ all: true }, true);
  expect(answer.order.id).toBeNull();
  expect(answer.order.matched).toBeGreaterThan(0);
  expect(answer.order.by_channel.panel).toBe(answer.order.matched);
  expect(await check(live.token)).toMatchObject({ active: true });
  expect(await house.events()).toHaveLength(events);
  expect(await sql`select 1 from orders where reason = 'a dry run'`).toHaveLength(0);
});

it.each<[string, EndRequest['select'], boolean]>([
  ['store', { store: 'panel' }, true],
  ['another store', { store: 'ftp' }, false],
  ['channel', { channel: 'panel' }, true],
  ['another channel', { channel: 'ftp' }, false],
  ['source', { source: '203.0.113.0/24' }, true],
  ['one address', { source: '203.0.113.9' }, true],
  ['an address within its network', { source: '203.0.113.77/24' }, true],
  ['another network', { source: '203.0.112.0/24' }, false],
  ['another host', { host: 'nowhere' }, false],
  ['opened before now', { opened_before: '2030-01-01T00:00:00+02:00' }, true],
  ['opened before another time', { opened_before: '2020-01-01T00:00:00Z' }, false],
])('the selector by %s means what it says, before and after tidying', async (_, select, dies) => {
  const live = await open('203.0.113.9');
  const planned = await end(select, true);
  expect(planned.order.matched > 0).toBe(dies);
  const answer = await end(select);
  expect((await check(live.token)).active).toBe(!dies);
  await tidy();
  expect((await check(live.token)).active).toBe(!dies);
  const order = value(await readOrder(house.ctx(admin), answer.order.id ?? ''));
  expect(order.receipts.map((each) => each.session_id).includes(live.id)).toBe(dies);
});

it('an opening that began before and commits after it is dead, and the cut-off waits for it', async () => {
  const login = `login-${++count}`;
  const account = await house.account(login, { panel: password });
  const mold = await open();
  let commit = () => {};
  const held = new Promise<void>((go) => {
    commit = go;
  });
  let taken = () => {};
  const numbered = new Promise<void>((go) => {
    taken = go;
  });
  const token = `ghs_${'A'.repeat(43)}`;
  const opening = house.database.drizzle.transaction(async (tx) => {
    await lockOwner(tx, account);
    await tx.execute(`insert into sessions (id, token_hash, account_id, login, store, channel, profile, method,
        opened_at, last_seen_at, idle_ms, absolute_at)
      select 'ses_held', '\\x${hexHash(token)}', '${account}', '${login}', store, channel, profile, method,
        opened_at, last_seen_at, idle_ms, absolute_at from sessions where id = '${mold.id}'`);
    taken();
    await held;
  });
  await numbered;
  await end({ all: true });
  await tidy();
  expect(await cutoffs()).toBe(1);
  commit();
  await opening;
  expect(await check(token)).toEqual({ active: false, reason: 'ended' });
  await tidy();
  expect(await cutoffs()).toBe(0);
  expect(await check(token)).toEqual({ active: false, reason: 'ended' });
  expect((await house.session('ses_held')).end_reason).toBe('ended');
});

it('logins during sixteen bulk logoffs at once are dead or live as their number says, and all orders get done', async () => {
  const logins = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const login = `login-${++count}`;
      await house.account(login, { panel: password });
      await house.guess({ login, store: 'panel', open_session: false });
      return login;
    }),
  );
  const [answers, orders] = await Promise.all([
    Promise.all(logins.flatMap((login) => [0, 1, 2].map(() => other.guess({ login, store: 'panel' })))),
    Promise.all(Array.from({ length: 16 }, () => end({ store: 'panel' }))),
  ]);
  const last = await sql<{ up_to: number }[]>`select max(up_to)::int as up_to from cutoffs`;
  for (const session of answers.map(opened)) {
    const [row] = await sql<{ seq: number }[]>`select seq::int from sessions where id = ${session.id}`;
    expect((await check(session.token)).active).toBe((row?.seq ?? 0) > (last[0]?.up_to ?? 0));
  }
  await tidy();
  for (const { order } of orders) {
    expect(value(await readOrder(house.ctx(admin), order.id ?? '')).state).toBe('done');
  }
});

async function openDoor(host: string): Promise<string> {
  const login = `login-${++count}`;
  await house.account(login, { ssh: password });
  const answer = value(
    await openHostSession(house.ctx(agentOf(host)), {
      ...{ host, store: 'ssh', channel: 'ssh', login, method: 'publickey' },
      process: { pid: 4711, start: '99', boot_id: '00000000-0000-4000-8000-000000000000' },
    }),
  );
  if (answer.decision !== 'allow') throw new Error(answer.decision);
  return answer.session.id;
}

it('sessions in processes are handed to their hosts before the answer', async () => {
  const door = await openDoor('h1');
  const answer = await end({ host: 'h1' });
  expect(answer.order).toMatchObject({ state: 'pending', matched: 1, pending: 1, ended: 0 });
  const orders = await ordersFor(house.ctx({ kind: 'system' }), 'h1');
  expect(orders).toMatchObject([{ session_id: door, order_id: answer.order.id, reason: 'ended' }]);
});

it('a session does not slip out of a bulk logoff by a new name of its channel', async () => {
  const door = await openDoor('h2');
  // The cut-off alone, as if the node had died before it handed the doors on.
  await sql`insert into cutoffs (order_id, up_to, channel, created_at) values ('ord_x', nextval('session_seq'), 'ssh', now())`;
  const at = new Date(house.now()).toISOString();
  const seen = [{ session_id: door, last_seen_at: at, channel: 'sftp' }];
  value(await takeReports(house.ctx(agentOf('h2')), { host: 'h2', seen, gone: [], receipts: [] }));
  await tidy();
  expect(await house.session(door)).toMatchObject({ end_reason: 'ended', door_state: 'pending' });
});
