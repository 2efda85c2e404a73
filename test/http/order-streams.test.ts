/** The stream of orders over a real socket: at least once, at once, to the right host, and again after any break. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { openHostSession } from '../../src/actions/open-host-session.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { takeReports } from '../../src/actions/take-reports.ts';
import { clocksEvent, orderEvent } from '../../src/protocol/agent.ts';
import { admin, agentOf, fitTestHouse, password, value } from '../support/house.ts';

const house = await fitTestHouse();
const server = serve({ fetch: house.app.fetch, hostname: '127.0.0.1', port: 0 });
const open: AbortController[] = [];
let url = '';
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stops.push(await house.database.listen('gatehouse_orders', (host) => house.streams.wake(host)));
  stops.push(await house.database.listen('gatehouse_policy', () => house.streams.clocksChanged()));
});
afterEach(() => {
  for (const each of open.splice(0)) each.abort();
});
afterAll(async () => {
  house.streams.close();
  await new Promise((done) => server.close(done));
  await Promise.all(stops.map((stop) => stop()));
  await house.close();
});

interface Heard {
  readonly events: { event: string; data: unknown }[];
  until(event: string, count?: number): Promise<unknown[]>;
  response: Response;
}

async function listen(host: string, token: string): Promise<Heard> {
  const cut = new AbortController();
  open.push(cut);
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/v1/agent/orders?host=${host}`, { headers, signal: cut.signal });
  const events: Heard['events'] = [];
  const read = async () => {
    let text = '';
    for await (const piece of response.body ?? []) {
      text += new TextDecoder().decode(piece as Uint8Array);
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
        if (event !== undefined) events.push({ event, data: JSON.parse(data ?? '') as unknown });
      }
    }
  };
  if (response.status === 200) read().catch(() => {});
  return {
    events,
    response,
    until: async (event, count = 1) => {
      for (let i = 0; i < 200; i++) {
        const found = events.filter((each) => each.event === event);
        if (found.length >= count) return found.map((each) => each.data);
        await new Promise((done) => setTimeout(done, 20));
      }
      throw new Error(`no ${event}: ${JSON.stringify(events)}`);
    },
  };
}

let count = 0;
async function openDoor(host: string): Promise<string> {
  const login = `login-${++count}`;
  await house.account(login, { ssh: password });
  const answer = value(
    await openHostSession(house.ctx(agentOf(host)), {
      ...{ host, store: 'ssh', channel: 'ssh', login, method: 'publickey' },
      process: { pid: 4711, start: String(count), boot_id: '00000000-0000-4000-8000-000000000000' },
    }),
  );
  if (answer.decision !== 'allow') throw new Error(answer.decision);
  return answer.session.id;
}
const end = async (ids: string[]) =>
  value(await endSessions(house.ctx(admin), { select: { ids }, reason: 'x', dry_run: false })).order.id;

it('says what is pending, then ready, then each order as it happens; a receipt ends the telling', async () => {
  const { token } = await house.client(['agent'], 'h1');
  const [first, second] = [await openDoor('h1'), await openDoor('h1')];
  await end([first]);
  const stream = await listen('h1', token);
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
  expect(stream.response.headers.get('cache-control')).toBe('no-store');
  expect(stream.response.headers.get('x-request-id')).toMatch(/^req_/);
  await stream.until('ready');
  expect(stream.events.map((each) => each.event)).toEqual(['order', 'ready']);
  expect(orderEvent.parse(stream.events[0]?.data)).toMatchObject({
    session_id: first,
    process: { pid: 4711 },
  });
  const order = await end([second]);
  const told = (await stream.until('order', 2)).map((data) => orderEvent.parse(data));
  expect(told[1]).toMatchObject({ session_id: second, order_id: order });
  const at = new Date(house.now()).toISOString();
  const receipts = [{ session_id: first, state: 'ended' as const, at, detail: 'x' }];
  value(await takeReports(house.ctx(agentOf('h1')), { host: 'h1', seen: [], gone: [], receipts }));
  const again = await listen('h1', token);
  await again.until('ready');
  expect((await again.until('order')).map((data) => orderEvent.parse(data).session_id)).toEqual([second]);
});

it('an order that another node, or plain SQL, put there is told as well', async () => {
  const { token } = await house.client(['agent'], 'h2');
  const door = await openDoor('h2');
  const stream = await listen('h2', token);
  await stream.until('ready');
  await house.database
    .sql`update credentials set hash = 'x' where account_id = (select account_id from sessions where id = ${door})`;
  await house.database
    .sql`update accounts set status = 'closed' where id = (select account_id from sessions where id = ${door})`;
  expect((await stream.until('order')).map((data) => orderEvent.parse(data).session_id)).toEqual([door]);
});

it('a changed policy is told as clocks', async () => {
  const { token } = await house.client(['agent'], 'h3');
  const door = await openDoor('h3');
  const stream = await listen('h3', token);
  await stream.until('ready');
  value(await changePolicy(house.ctx(admin), { stores: { ssh: { standard: { idle_seconds: 2 } } } }));
  const [clocks] = await stream.until('clocks');
  expect(clocksEvent.parse(clocks).sessions).toMatchObject([{ session_id: door, idle_seconds: 2 }]);
  value(await changePolicy(house.ctx(admin), { stores: null }));
});

it('a host hears of its own sessions alone, and a bound key opens no other host’s stream', async () => {
  const { token } = await house.client(['agent'], 'h4');
  const [mine, theirs] = [await openDoor('h4'), await openDoor('h5')];
  const stream = await listen('h4', token);
  await stream.until('ready');
  await end([theirs]);
  await end([mine]);
  expect((await stream.until('order')).map((data) => orderEvent.parse(data).session_id)).toEqual([mine]);
  expect((await listen('h5', token)).response.status).toBe(403);
  expect((await listen('', token)).response.status).toBe(403);
  const { token: weak } = await house.client(['sessions']);
  expect((await listen('h4', weak)).response.status).toBe(403);
});

it('a lost notification loses no order: the next beat finds it', async () => {
  const { token } = await house.client(['agent'], 'h6');
  const door = await openDoor('h6');
  const stream = await listen('h6', token);
  await stream.until('ready');
  await house.database.sql`alter table sessions disable trigger order_waits`;
  await end([door]);
  await house.database.sql`alter table sessions enable trigger order_waits`;
  await new Promise((done) => setTimeout(done, 2500));
  expect((await stream.until('order')).map((data) => orderEvent.parse(data).session_id)).toEqual([door]);
}, 15_000);
