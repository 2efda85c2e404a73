/** Without a database there is no decision, and "no decision" is never a yes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authenticate } from '../../src/actions/authenticate.ts';
import { enter } from '../../src/actions/context.ts';
import { isOutage } from '../../src/actions/readiness.ts';
import { authenticateRequest } from '../../src/protocol/api.ts';
import { openDatabase } from '../../src/store/db.ts';
import { fitTestHouse, opened, panel, password } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
const other = house.node();
let client = '';
let admin = '';
let token = '';

beforeAll(async () => {
  client = (await house.client(['accounts', 'authenticate', 'sessions', 'agent'])).token;
  admin = (await house.operator('admin')).token;
  await house.account('anna', { panel: password });
  token = opened(await house.guess({ login: 'anna', store: 'panel' })).token;
  await other.request('POST', '/v1/sessions/check', { token: client, body: { token } });
  await other.house.database.close();
});

const login = { store: 'panel', login: 'anna', password };

it.each<[string, string, string, unknown, string]>([
  ['a check', 'POST', '/v1/sessions/check', { token: 'the session' }, 'client'],
  ['a login', 'POST', '/v1/authenticate', login, 'client'],
  ['a logoff', 'POST', '/v1/sessions/end', { select: { all: true }, reason: 'x' }, 'admin'],
  ['a policy', 'GET', '/v1/policy', undefined, 'admin'],
  ['an own session', 'GET', '/v1/session', undefined, 'customer'],
  ['an order stream', 'GET', '/v1/agent/orders?host=h1', undefined, 'client'],
])('%s is 503 with Retry-After', async (_, method, path, body, who) => {
  const tokens: Record<string, string> = { client, admin, customer: token };
  const sent = path === '/v1/sessions/check' ? { token } : body;
  const options = { token: tokens[who] ?? '', ...(sent === undefined ? {} : { body: sent }) };
  const response = await other.request(method, path, options);
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ status: 503, code: 'unavailable' });
  expect(text).not.toMatch(/ECONN|CONNECTION|postgres|select/i);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

it('is not ready, but alive', async () => {
  expect((await other.request('GET', '/readyz')).status).toBe(503);
  expect((await other.request('GET', '/livez')).status).toBe(200);
});

it('a server that is not there at all is the same', async () => {
  const url = new URL(house.url);
  url.port = '1';
  const database = openDatabase(url.href, { pool: 1 });
  const node = house.node();
  const ctx = enter({ ...node.house, database }, panel, 'req');
  const fault = await authenticate(ctx, authenticateRequest.parse(login)).catch((error: unknown) => error);
  expect(isOutage(fault)).toBe(true);
  await database.close();
});

it('the node whose database is there goes on', async () => {
  const response = await house.request('POST', '/v1/sessions/check', { token: client, body: { token } });
  expect(await response.json()).toMatchObject({ active: true });
});
