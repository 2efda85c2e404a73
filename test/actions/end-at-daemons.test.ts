/** Orders at daemons without an agent: delivered at least once, by one node at a time, until they are proved. */
import { afterAll, expect, it } from 'vitest';
import { authenticate } from '../../src/actions/authenticate.ts';
import { enter } from '../../src/actions/context.ts';
import { endAtDaemon } from '../../src/actions/end-at-daemons.ts';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { readOrder } from '../../src/actions/read-order.ts';
import { createDisconnector, type Told, type Way } from '../../src/disconnect/disconnector.ts';
import { authenticateRequest } from '../../src/protocol/login.ts';
import { admin, fitTestHouse, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
const host = 'nas1';
let number = 0;
let asked: string[] = [];

/** A node of the house whose daemon on `host` answers so. */
function node(answer: Told | (() => Promise<Told>)) {
  const way: Way = async ({ id }) => {
    asked.push(id);
    return typeof answer === 'function' ? answer() : answer;
  };
  const disconnector = createDisconnector(new Map([[host, way]]));
  const told = { ...house.house, disconnector };
  return {
    work: () => endAtDaemon(enter(told, { kind: 'system' }, 'job'), host),
    order: async (id: string) => value(await readOrder(enter(told, admin, 'req'), id)),
  };
}

async function newSessions(count = 1, at = host): Promise<{ account: string; ids: string[] }> {
  asked = [];
  const login = `far${++number}`;
  const account = await house.account(login);
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const input = {
      store: 'ftp',
      channel: 'ftp',
      login,
      password,
      source_ip: '198.51.100.7',
      host: at,
      open_session: false,
    };
    const door = { ref: `radius:${login}-${i}`, provisional: false };
    const answer = value(await authenticate(house.ctx(panel), { ...authenticateRequest.parse(input), door }));
    if (answer.decision === 'allow' && answer.door_session) ids.push(answer.door_session.id);
  }
  expect(ids).toHaveLength(count);
  return { account, ids };
}
async function logoff(account: string): Promise<string> {
  const select = { account_id: account };
  const { order } = value(await endSessions(house.ctx(admin), { select, reason: 'x', dry_run: false }));
  return order.id ?? '';
}

const ended: Told = { state: 'ended', detail: 'the daemon ended it' };

it('sixteen nodes at once: each session is asked for once, and proved', async () => {
  const { account, ids } = await newSessions(16);
  const id = await logoff(account);
  const nodes = Array.from({ length: 16 }, () => node(ended));
  await Promise.all(nodes.map((each) => each.work()));
  expect(asked.sort()).toEqual(ids.sort());
  const order = await node(ended).order(id);
  expect(order.state).toBe('done');
  expect(order.receipts.map((each) => each.detail)).toEqual(ids.map(() => 'the daemon ended it'));
  await node(ended).work();
  expect(asked).toHaveLength(16);
});

it('live sessions, and those of hosts without a way, are left alone; the receipt says which', async () => {
  await newSessions();
  const { account } = await newSessions(1, 'nas2');
  const id = await logoff(account);
  await node(ended).work();
  expect(asked).toEqual([]);
  expect((await node(ended).order(id)).receipts).toMatchObject([
    { state: 'unreachable', detail: expect.stringMatching(/nothing ends it there/) },
  ]);
});

it('out of reach: said so, tried again after a while and not before, and one silence is enough for all', async () => {
  const { account, ids } = await newSessions(5);
  const id = await logoff(account);
  const away = node({ state: 'unreachable', detail: 'no answer' });
  expect((await away.order(id)).receipts[0]).toMatchObject({ state: 'pending' });
  await away.work();
  expect(asked).toHaveLength(1);
  const order = await away.order(id);
  expect(order.state).toBe('partial');
  expect(order.receipts.map(({ state, detail }) => `${state}: ${detail}`)).toEqual(
    ids.map(() => 'unreachable: out of reach: no answer'),
  );
  const back = node(ended);
  await back.work();
  expect(asked).toHaveLength(1);
  house.pass(10_000);
  await back.work();
  expect(asked).toHaveLength(6);
  expect((await back.order(id)).state).toBe('done');
});

it('a node that dies at it loses nothing: another takes it up', async () => {
  const { account } = await newSessions();
  const id = await logoff(account);
  await expect(node(() => Promise.reject(new Error('died'))).work()).rejects.toThrow('died');
  house.pass(10_000);
  await node(ended).work();
  expect((await node(ended).order(id)).state).toBe('done');
});

it('a daemon that knows no such session: believed once it would have known it', async () => {
  const { account } = await newSessions();
  const id = await logoff(account);
  const unknown = node({ state: 'absent', detail: 'no such session' });
  await unknown.work();
  expect((await unknown.order(id)).receipts[0]).toMatchObject({
    state: 'not_proven',
    detail: 'no such session',
  });
  house.pass(31_000);
  await unknown.work();
  expect((await unknown.order(id)).receipts[0]).toMatchObject({ state: 'ended', detail: 'no such session' });
});

it('the daemon’s own word that it is over comes first: nothing is asked any more', async () => {
  const { account, ids } = await newSessions();
  const id = await logoff(account);
  await house.database
    .sql`update sessions set door_state = 'ended', door_at = now() where id = ${ids[0] ?? ''}`;
  await node(ended).work();
  expect(asked).toEqual([]);
  expect((await node(ended).order(id)).state).toBe('done');
});
