/** Making somebody use an attacker's session, keeping one across a login, or waking one that has ended. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { sweepSessions } from '../../src/actions/tidy.ts';
import { admin, fitTestHouse, opened, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
let count = 0;
let login = '';
let account = '';

beforeEach(async () => {
  login = `login-${++count}`;
  account = await house.account(login, { panel: password });
});

const open = async () => opened(await house.guess({ login, store: 'panel' }));
const status = async (token: string, headers = {}) =>
  (await house.request('GET', '/v1/session', token === '' ? { headers } : { token, headers })).status;

it('a login makes a token of its own, whatever token comes along with it', async () => {
  const planted = `ghs_${'P'.repeat(43)}`;
  const { token: key } = await house.client(['authenticate']);
  const response = await house.request('POST', '/v1/authenticate', {
    token: key,
    headers: { cookie: `gatehouse=${planted}` },
    body: { store: 'panel', login, password, device: planted },
  });
  const { session } = (await response.json()) as { session: { token: string } };
  expect(session.token).toMatch(/^ghs_[\w-]{43}$/);
  expect(session.token).not.toBe(planted);
  expect(await status(planted)).toBe(401);
});

it('no two logins share a token, and only its hash is stored', async () => {
  const tokens = new Set<string>();
  for (let i = 0; i < 8; i++) tokens.add((await open()).token);
  expect(tokens.size).toBe(8);
  const rows = JSON.stringify(await house.database.sql`select *, encode(token_hash, 'base64') from sessions`);
  for (const token of tokens) expect(rows).not.toContain(token.slice(4));
});

it('a plain cookie that a neighbouring site could set counts nowhere but on loopback', async () => {
  const { token } = await open();
  const cookie = `gatehouse=${token}`;
  expect(await status('', { cookie })).toBe(200);
  expect(await status('', { cookie, host: 'panel.example.com' })).toBe(401);
  expect(await status('', { cookie, host: 'localhost.evil.example' })).toBe(401);
  expect(await status('', { cookie, 'x-forwarded-for': '203.0.113.1' })).toBe(401);
  expect(await status('', { cookie: `__Host-gatehouse=${token}`, host: 'panel.example.com' })).toBe(200);
});

it('the strict cookie wins over a plain one beside it', async () => {
  const [mine, planted] = [await open(), await open()];
  const cookie = `gatehouse=${planted.token}; __Host-gatehouse=${mine.token}`;
  const response = await house.request('GET', '/v1/session', { headers: { cookie } });
  expect(await response.json()).toMatchObject({ session: { id: mine.id } });
});

it('a client key or operator token in a cookie is nobody', async () => {
  for (const { token } of [await house.client(['accounts', 'sessions']), await house.operator('admin')]) {
    const response = await house.request('GET', '/v1/sessions', {
      headers: { cookie: `gatehouse=${token}` },
    });
    expect(response.status).toBe(401);
  }
});

it('nothing wakes an ended session: not activity, not a resumed account, not a longer policy, not a sweep', async () => {
  const { id, token } = await open();
  house.house.touches.note(id, house.now() + 1000);
  value(await endSessions(house.ctx(admin), { select: { ids: [id] }, reason: 'x', dry_run: false }));
  await house.house.touches.flush();
  value(await changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'logins', reason: 'x' }));
  value(await changeStatus(house.ctx(panel), account, { to: 'active' }));
  value(await changePolicy(house.ctx(admin), { stores: { panel: { standard: { idle_seconds: 3600 } } } }));
  await sweepSessions(house.ctx({ kind: 'system' }));
  expect(await status(token)).toBe(401);
  expect(await house.session(id)).toMatchObject({ end_reason: 'ended' });
});

it('a session does not follow its login to another account', async () => {
  const { token } = await open();
  const other = await house.account(`${login}-other`, {});
  await house.database.sql`update credentials set account_id = ${other} where login = ${login}`;
  expect(await status(token)).toBe(401);
});
