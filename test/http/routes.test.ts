/** Every route on its good day and at its expected refusals: status, shape, rows; shapes are those of the document. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { z } from 'zod';
import { raiseFlag } from '../../src/actions/steps/raise-flag.ts';
import { hooks } from '../../src/hooks/index.ts';
import { hookPaths } from '../../src/hooks/paths.ts';
import { describe as document } from '../../src/http/openapi.ts';
import { routes } from '../../src/http/routes/index.ts';
import * as api from '../../src/protocol/api.ts';
import { softAuthenticator } from '../support/authenticator.ts';
import { generatorOf } from '../support/customer.ts';
import { fitTestHouse, home, opened, password } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse();
afterAll(house.close);
let admin = '';
let client = '';
let count = 0;
let login = '';
let account = '';
const seen = new Set<string>();

beforeAll(async () => {
  admin = (await house.operator('admin')).token;
  client = (await house.client(['accounts', 'authenticate', 'sessions', 'agent'])).token;
});
beforeEach(async () => {
  login = `login-${++count}`;
  account = await house.account(login, { panel: password, ftp: password });
});
afterAll(() => {
  const listed = routes.map((route) => `${route.method} ${route.path}`);
  expect(listed.filter((route) => !seen.has(route))).toEqual([]);
});

/** Asks, and holds the answer against the schema that the document shows. */
async function ask(method: string, path: string, body?: unknown, token = client, headers = {}) {
  const response = await house.request(method, path, {
    token,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const bare = path.split('?')[0] ?? '';
  const route = routes.find(
    (each) =>
      each.method === method.toLowerCase() &&
      new RegExp(`^${each.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(bare),
  );
  const value = text === '' ? undefined : (JSON.parse(text) as unknown);
  if (response.status < 400 && route !== undefined) {
    seen.add(`${route.method} ${route.path}`);
    expect(response.status).toBe(route.status);
    const shape = route.answer as z.ZodType | undefined;
    if (shape === undefined) expect(text).toBe('');
    else expect(shape.parse(value)).toEqual(value);
  }
  return { status: response.status, headers: response.headers, body: value as Record<string, unknown>, text };
}

const session = async (store: 'panel' | 'ftp' = 'panel') =>
  opened(await house.guess({ login, store, open_session: true }));

it('accounts: made, found, read, suspended, resumed, closed', async () => {
  const unix = { uid: 2001, gid: 2001, home: '/home/x', shell: '/bin/bash' };
  const made = await ask('POST', '/v1/accounts', { login: `NEW-${count}`, email: 'a@example.org', unix });
  expect(made).toMatchObject({ status: 201, body: { login: `new-${count}`, status: 'active', unix } });
  expect(await ask('POST', '/v1/accounts', { login: `new-${count}` })).toMatchObject({ status: 409 });
  const id = String(made.body.id);
  expect(await ask('GET', `/v1/accounts/${id}`)).toMatchObject({ status: 200, body: { id } });
  expect(await ask('GET', `/v1/accounts?login=NEW-${count}`)).toMatchObject({ body: { items: [{ id }] } });
  const wide = encodeURIComponent(`ＮＥＷ-${count}`);
  expect(await ask('GET', `/v1/accounts?login=${wide}`)).toMatchObject({ body: { items: [{ id }] } });
  expect(await ask('GET', '/v1/accounts?login=nobody')).toMatchObject({ body: { items: [] } });
  expect(await ask('GET', '/v1/accounts/acc_nothing')).toMatchObject({ status: 404 });
  const suspend = { reason: 'unpaid', level: 'logins' };
  expect(await ask('POST', `/v1/accounts/${id}/suspend`, suspend)).toMatchObject({
    body: { status: 'suspended', suspend_level: 'logins' },
  });
  expect(await ask('POST', `/v1/accounts/${id}/resume`)).toMatchObject({ body: { status: 'active' } });
  expect(await ask('POST', `/v1/accounts/${id}/resume`, { no_such_field: 1 })).toMatchObject({ status: 422 });
  expect(await ask('POST', `/v1/accounts/${id}/close`, { reason: 'left' })).toMatchObject({
    body: { status: 'closed' },
  });
  expect(await ask('POST', `/v1/accounts/${id}/resume`)).toMatchObject({
    status: 409,
    body: { code: 'account_closed' },
  });
  const kinds = (await house.events()).filter((event) => event.account_id === id).map((event) => event.kind);
  expect(kinds).toEqual(['account.created', 'account.suspended', 'account.resumed', 'account.closed']);
});

it('credentials: set by password and by hash, refused when weak, taken or unknown, and taken away', async () => {
  const at = `/v1/accounts/${account}/credentials/ftp`;
  const set = await ask('PUT', at, { login: 'Second', password });
  expect(set).toMatchObject({ status: 200, body: { store: 'ftp', login: 'second', epoch: 1 } });
  expect((await ask('PUT', at, { login: 'second', password })).body.epoch).toBe(2);
  const weak = await ask('PUT', at, { password: 'short' });
  expect(weak).toMatchObject({
    status: 422,
    body: { code: 'password_rejected', errors: [{ path: 'password' }] },
  });
  expect((await ask('PUT', at, { password: `${login} is my name, you know` })).body.code).toBe(
    'password_rejected',
  );
  expect((await ask('PUT', at, { hash: 'nonsense' })).body.code).toBe('hash_rejected');
  expect((await ask('PUT', at, { hash: `$2b$31$${'a'.repeat(53)}` })).body.code).toBe('hash_rejected');
  const legacy = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
  expect(await ask('PUT', at, { login: 'third', hash: legacy })).toMatchObject({ status: 200 });
  expect((await house.guess({ login: 'third', password: 'U*U' })).decision).toBe('allow');
  const other = await house.account(`other-${count}`, {});
  const taken = await ask('PUT', `/v1/accounts/${other}/credentials/ftp`, { login: 'second', password });
  expect(taken).toMatchObject({ status: 409, body: { code: 'login_taken' } });
  expect(await ask('PUT', `/v1/accounts/${account}/credentials/gopher`, { password })).toMatchObject({
    status: 404,
  });
  expect(await ask('DELETE', `${at}/SECOND`)).toMatchObject({ status: 204 });
  expect(await ask('DELETE', `${at}/second`)).toMatchObject({ status: 404 });
  expect(await ask('DELETE', `/v1/accounts/${other}/credentials/ftp/third`)).toMatchObject({ status: 404 });
  expect(JSON.stringify(await house.events())).not.toContain(password);
});

it('a good login with a legacy hash stores a better one, and nobody is logged off by that', async () => {
  const legacy = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
  const name = `legacy-${count}`;
  await ask('PUT', `/v1/accounts/${account}/credentials/ftp`, { login: name, hash: legacy });
  const first = opened(await house.guess({ login: name, password: 'U*U', open_session: true }));
  const [row] = await house.database.sql<{ hash: string; epoch: number }[]>`
    select hash, epoch::int from credentials where login = ${name}`;
  expect(row?.hash).not.toBe(legacy);
  expect(row?.epoch).toBe(1);
  expect((await house.session(first.id)).ended_at).toBeNull();
  expect((await house.guess({ login: name, password: 'U*U' })).decision).toBe('allow');
  const rehashed = (await house.events('credential.rehashed')).filter(
    (event) => event.account_id === account,
  );
  expect(rehashed).toHaveLength(1);
});

it('authenticate: the four answers of the contract, and the session that is opened where one is wanted', async () => {
  const ask_ = (more: object) =>
    ask('POST', '/v1/authenticate', { store: 'panel', login, password, source_ip: home, ...more });
  const allow = await ask_({ user_agent: 'Browser/1', host: 'panel1', device: 'd1' });
  expect(allow.body).toMatchObject({
    decision: 'allow',
    account: { id: account, login },
    login,
    notices: [],
  });
  const { session: made } = allow.body as { session: { id: string; token: string; idle_seconds: number } };
  expect(made).toMatchObject({ channel: 'panel', idle_seconds: 900, absolute_seconds: 28_800 });
  expect(await house.session(made.id)).toMatchObject({
    source_ip: home,
    user_agent: 'Browser/1',
    host: 'panel1',
    device: 'd1',
  });
  expect((await ask_({ store: 'ftp' })).body).not.toHaveProperty('session');
  expect((await ask_({ open_session: false })).body).not.toHaveProperty('session');
  const shared = await ask_({ profile: 'public', device: 'd2' });
  expect(shared.body).toMatchObject({ session: { idle_seconds: 300, absolute_seconds: 1800 } });
  expect((await ask_({ password: 'wrong' })).body).toEqual({
    decision: 'deny',
    reason: 'invalid_credentials',
  });
  expect((await ask_({ store: 'ssh', channel: 'telnet' })).body).toMatchObject({
    decision: 'deny',
    reason: 'channel_refused',
  });
  expect(await ask_({ channel: 'ftp' })).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'channel' }] },
  });
  expect(await ask_({ password: undefined })).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'password' }] },
  });
  expect(await ask_({ source_ip: '300.1.1.1' })).toMatchObject({ status: 422 });
});

it('a wrong store’s password is refused', async () => {
  await ask('PUT', `/v1/accounts/${account}/credentials/ftp`, { login, password: `${password} for ftp` });
  const body = { store: 'panel', login, password: `${password} for ftp` };
  expect((await ask('POST', '/v1/authenticate', body)).body.decision).toBe('deny');
});

it('a public computer is not remembered as the owner’s place', async () => {
  const places = async () => (await house.database.sql`select 1 from known_sources`).length;
  const before = await places();
  await house.guess({ login, store: 'panel', profile: 'public', source_ip: '192.0.2.200' });
  expect(await places()).toBe(before);
});

it('check: yes and no are both 200', async () => {
  const { token } = await session();
  const yes = await ask('POST', '/v1/sessions/check', { token });
  expect(yes.status).toBe(200);
  expect(api.checkAnswer.parse(yes.body)).toEqual(yes.body);
  expect(yes.body).toMatchObject({ active: true, account: { id: account, login } });
  for (const junk of ['x', 'ghs_', `ghs_${'A'.repeat(43)}`, client]) {
    expect((await ask('POST', '/v1/sessions/check', { token: junk })).body).toEqual({
      active: false,
      reason: 'unknown',
    });
  }
});

it('the customer’s own session: by token and by cookie; logoff clears both cookies and the site’s data', async () => {
  const { id, token } = await session();
  expect((await ask('GET', '/v1/session', undefined, token)).body).toMatchObject({
    session: { id },
    account: { id: account },
  });
  for (const name of ['gatehouse', '__Host-gatehouse']) {
    const response = await house.request('GET', '/v1/session', { headers: { cookie: `${name}=${token}` } });
    expect(response.status).toBe(200);
  }
  const headers = { cookie: `gatehouse=${token}`, origin: 'http://localhost' };
  const off = await house.request('DELETE', '/v1/session', { headers });
  seen.add('delete /v1/session');
  expect(off.status).toBe(204);
  expect(off.headers.get('clear-site-data')).toBe('"cache", "cookies", "storage"');
  expect(off.headers.getSetCookie()).toEqual([
    '__Host-gatehouse=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict',
    'gatehouse=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
  ]);
  expect((await ask('GET', '/v1/session', undefined, token)).status).toBe(401);
  expect((await house.events('session.ended')).at(-1)).toMatchObject({
    session_id: id,
    actor_kind: 'session',
  });
});

it('my sessions: every channel, nobody else’s, and ended by me alone', async () => {
  const mine = await session();
  const ftp = await session('ftp');
  await house.account(`stranger-${count}`, { panel: password });
  const theirs = opened(await house.guess({ login: `stranger-${count}`, store: 'panel' }));
  const list = await ask('GET', '/v1/me/sessions?live=true', undefined, mine.token);
  const ids = (list.body.items as { id: string }[]).map((each) => each.id);
  expect(ids.sort()).toEqual([mine.id, ftp.id].sort());
  expect((await ask('GET', '/v1/me/sessions?account_id=x', undefined, mine.token)).status).toBe(422);
  expect((await ask('DELETE', `/v1/me/sessions/${theirs.id}`, undefined, mine.token)).status).toBe(404);
  expect((await house.session(theirs.id)).ended_at).toBeNull();
  expect((await ask('DELETE', `/v1/me/sessions/${ftp.id}`, undefined, mine.token)).status).toBe(204);
  expect((await house.session(ftp.id)).end_reason).toBe('ended');
  await session('ftp');
  const others = await ask('POST', '/v1/me/sessions/end', { scope: 'others' }, mine.token);
  expect(others.body).toMatchObject({ order: { matched: 1, ended: 1, by_channel: { ftp: 1 } } });
  const { id: order } = others.body.order as { id: string };
  const receipts = await ask('GET', `/v1/me/orders/${order}`, undefined, mine.token);
  expect(receipts.body).toMatchObject({
    state: 'done',
    receipts: [{ channel: 'ftp', state: 'ended', meaning: 'its token is refused everywhere' }],
  });
  expect((await ask('GET', `/v1/me/orders/${order}`, undefined, theirs.token)).status).toBe(404);
  expect((await ask('GET', '/v1/session', undefined, mine.token)).status).toBe(200);
  expect((await ask('POST', '/v1/me/sessions/end', { scope: 'all' }, mine.token)).status).toBe(202);
  expect((await ask('GET', '/v1/session', undefined, mine.token)).status).toBe(401);
  expect((await house.session(theirs.id)).ended_at).toBeNull();
});

it('sessions: listed newest first in pages, filtered, and ended by order with receipts', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.unshift((await session()).id);
  const found: string[] = [];
  let cursor = '';
  do {
    const page = await ask('GET', `/v1/sessions?account_id=${account}&limit=2${cursor}`);
    found.push(...(page.body.items as { id: string }[]).map((each) => each.id));
    cursor = page.body.next_cursor === null ? '' : `&cursor=${page.body.next_cursor}`;
  } while (cursor !== '');
  expect(found).toEqual(ids);
  for (const query of ['limit=0', 'limit=201', 'cursor=junk', 'store=x', 'live=maybe', 'source_ip=x']) {
    expect((await ask('GET', `/v1/sessions?${query}`)).status).toBe(422);
  }
  for (const query of [
    `login=${login.toUpperCase()}`,
    `source_ip=${home}&account_id=${account}`,
    `channel=panel&store=panel&live=true&account_id=${account}`,
  ]) {
    expect((await ask('GET', `/v1/sessions?${query}`)).body.items).toHaveLength(5);
  }
  const wanted = { select: { login: login.toUpperCase(), store: 'panel' }, reason: 'stolen laptop' };
  expect((await ask('POST', '/v1/sessions/end', { ...wanted, dry_run: true })).body).toMatchObject({
    order: { id: null, matched: 5, ended: 0 },
  });
  const ended = await ask('POST', '/v1/sessions/end', wanted);
  expect(ended).toMatchObject({
    status: 202,
    body: { order: { matched: 5, ended: 5, pending: 0, state: 'done', by_channel: { panel: 5 } } },
  });
  const { id } = ended.body.order as { id: string };
  const order = await ask('GET', `/v1/orders/${id}`);
  expect(order.body).toMatchObject({ id, reason: 'stolen laptop', state: 'done' });
  expect(order.body.receipts).toHaveLength(5);
  expect((await ask('GET', '/v1/orders/ord_nothing')).status).toBe(404);
  for (const select of [
    {},
    { ids: [] },
    { login },
    { all: false },
    { all: true, store: 'ftp' },
    { source: 'x' },
    { opened_before: 'yesterday' },
  ]) {
    expect((await ask('POST', '/v1/sessions/end', { select, reason: 'x' })).status).toBe(422);
  }
});

it('an Idempotency-Key makes one order of sixteen requests at once, and refuses another request', async () => {
  const body = { select: { account_id: account }, reason: 'once' };
  const once = (more: object = {}) =>
    ask('POST', '/v1/sessions/end', { ...body, ...more }, admin, { 'idempotency-key': `key-${count}` });
  const answers = await Promise.all(Array.from({ length: 16 }, () => once()));
  const [row] = await house.database
    .sql`select count(*)::int as n from orders where selector->>'account_id' = ${account}`;
  expect(row?.n).toBe(1);
  expect(new Set(answers.filter((each) => each.status === 202).map((each) => each.text)).size).toBe(1);
  for (const each of answers) expect([202, 409]).toContain(each.status);
  const again = await once();
  expect(again.status).toBe(202);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await once({ reason: 'twice' })).toMatchObject({
    status: 409,
    body: { code: 'idempotency_conflict' },
  });
  house.pass(24 * 3_600_000 + 1);
  expect((await once()).headers.get('idempotent-replayed')).toBeNull();
});

it('policy: read, merged, bounded, with every fault named, and put back by null', async () => {
  expect((await ask('GET', '/v1/policy', undefined, admin)).body).toMatchObject({
    stores: { panel: { standard: { idle_seconds: 900 } } },
  });
  const patch = {
    stores: { panel: { standard: { idle_seconds: 60 } } },
    channels: { telnet: { allowed: true } },
  };
  expect((await ask('PATCH', '/v1/policy', patch, admin)).body).toMatchObject({ ...patch });
  const bad = {
    stores: { panel: { standard: { idle_seconds: 999_999 } } },
    throttle: { hard_cap: 101, no: 1 },
  };
  const refused = await ask('PATCH', '/v1/policy', bad, admin);
  expect(refused.status).toBe(422);
  expect((refused.body.errors as { path: string }[]).map((each) => each.path)).toEqual([
    'stores.panel.standard.idle_seconds',
    'throttle.hard_cap',
    'throttle.no',
  ]);
  expect((await ask('PATCH', '/v1/policy', { stores: null, channels: null }, admin)).body).toMatchObject({
    stores: { panel: { standard: { idle_seconds: 900 } } },
    channels: { telnet: { allowed: false } },
  });
  expect((await ask('PATCH', '/v1/policy', {}, client)).status).toBe(403);
});

it('explain: why, without a password and without counting', async () => {
  const at = `/v1/accounts/${account}/explain`;
  const good = { store: 'ftp', login, source_ip: home, channel: 'ftp' };
  expect((await ask('POST', at, good)).body).toMatchObject({ decision: 'would_judge' });
  for (let i = 0; i < 4; i++) await house.guess({ login, password: `wrong ${i}` });
  const throttled = await ask('POST', at, good);
  expect(throttled.body).toMatchObject({ decision: 'throttled', retry_after_seconds: 1 });
  expect((await ask('POST', at, good)).text).toBe(throttled.text);
  await ask('POST', `/v1/accounts/${account}/suspend`, { reason: 'unpaid' });
  expect((await ask('POST', at, { ...good, source_ip: '192.0.2.1' })).body).toMatchObject({
    decision: 'deny',
  });
  expect((await ask('POST', '/v1/accounts/acc_nothing/explain', good)).status).toBe(404);
});

it('agents: hello, account, session, report', async () => {
  const boot_id = '00000000-0000-4000-8000-000000000000';
  const door = { host: 'h1', store: 'ftp', login, channel: 'ftp', method: 'password' };
  expect(
    (await ask('POST', '/v1/agent/hello', { host: 'h1', boot_id, version: '1', sessions: [] })).body,
  ).toMatchObject({ sessions: [] });
  const agents = await ask('GET', '/v1/agents', undefined, admin);
  expect(agents.body).toMatchObject({
    items: [{ host: 'h1', version: '1', same_version: false, connected: true }],
  });
  const other = boot_id.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  for (const [boot, taken] of [
    [boot_id, false],
    [other, true],
  ] as const) {
    const self = await ask('GET', `/v1/agent/self?host=h1&boot_id=${boot}`);
    expect(self.body).toMatchObject({
      scopes: expect.arrayContaining(['agent']),
      bound_host: null,
      agent: { connected: true },
      taken,
    });
  }
  const shut = { host: 'h1', store: 'ssh', login: 'anna', channel: 'telnet', source_ip: '127.0.0.1' };
  expect((await ask('POST', '/v1/agent/door', shut)).body).toEqual({
    open: false,
    message: expect.stringMatching(/Use SSH/),
  });
  expect((await ask('POST', '/v1/agent/account', door)).body).toEqual({ decision: 'allow' });
  const made = await ask('POST', '/v1/agent/sessions', { ...door, process: { pid: 5, start: '1', boot_id } });
  expect(made.body).toMatchObject({ decision: 'allow', session: { idle_seconds: 300 } });
  const { id } = made.body.session as { id: string };
  const reports = {
    host: 'h1',
    seen: [],
    receipts: [],
    gone: [
      {
        session_id: id,
        at: new Date(house.now()).toISOString(),
        reason: 'closed',
        proved: true,
        detail: 'x',
      },
    ],
  };
  expect((await ask('POST', '/v1/agent/reports', reports)).body).toEqual({ accepted: 1, unknown: [] });
  const strange = { ...door, channel: 'gopher' };
  expect((await ask('POST', '/v1/agent/account', strange)).status).toBe(422);
});

it('second factors: offered, confirmed, listed, renewed, proved again, taken away', async () => {
  const { token } = await session();
  const mine = (method: string, path: string, body?: unknown, as = token) => ask(method, path, body, as);
  const { secret } = (await mine('POST', '/v1/me/totp')).body;
  const generator = generatorOf(house, String(secret));
  await mine('POST', '/v1/me/totp/confirm', { code: generator.code() });
  expect((await mine('POST', '/v1/me/recovery-codes')).body.recovery_codes).toHaveLength(10);
  const device = softAuthenticator('http://localhost:8080');
  const made = (await mine('POST', '/v1/me/passkeys/options')).body;
  const response = device.create(made.options as Parameters<typeof device.create>[0]);
  const { passkey } = (
    await mine('POST', '/v1/me/passkeys', { challenge_id: made.challenge_id, response, label: 'x' })
  ).body as { passkey: { id: string } };
  expect((await mine('GET', '/v1/me/passkeys')).body.items).toHaveLength(1);
  expect((await mine('PATCH', `/v1/me/passkeys/${passkey.id}`, { label: 'y' })).body.label).toBe('y');
  expect((await mine('GET', '/v1/me/factors')).body).toMatchObject({ passkeys: [{ label: 'y' }] });
  expect((await ask('GET', `/v1/accounts/${account}/factors`)).body).toMatchObject({ totp_offered: false });

  const half = await ask('POST', '/v1/authenticate', { store: 'panel', login, password });
  const { id, passkey: asked } = half.body.challenge as { id: string; passkey: object };
  const answer = device.get(asked as Parameters<typeof device.get>[0]);
  const redeemed = { challenge_id: id, kind: 'passkey', response: answer };
  expect((await ask('POST', '/v1/authenticate/challenge', redeemed)).body.decision).toBe('allow');
  expect((await ask('POST', '/v1/authenticate/passkey/options', {})).body.options).toBeDefined();

  const proof = (await mine('POST', '/v1/me/reauthenticate/passkey/options')).body;
  const again = device.get(proof.options as Parameters<typeof device.get>[0]);
  const renewed = await mine('POST', '/v1/me/reauthenticate', {
    ...{ challenge_id: proof.challenge_id, response: again },
  });
  const next = String(renewed.body.token);
  expect((await mine('DELETE', '/v1/me/totp', undefined, next)).status).toBe(204);
  expect((await mine('DELETE', `/v1/me/passkeys/${passkey.id}`, undefined, next)).status).toBe(204);
  await mine('POST', '/v1/me/totp', undefined, next);
  const last = generatorOf(house, String((await mine('POST', '/v1/me/totp', undefined, next)).body.secret));
  await mine('POST', '/v1/me/totp/confirm', { code: last.code() }, next);
  house.pass(24 * 3_600_000);
  const path = `/v1/accounts/${account}/factors/remove`;
  expect((await ask('POST', path, { reason: 'lost' }, admin)).body).toMatchObject({
    removed: { totp: true },
  });
});

it('flags: listed, read, resolved once; not by clients without the scope, nor by customers', async () => {
  const ctx = house.ctx({ kind: 'system' });
  const id = await ctx.act(async (tx) => {
    const said = {
      kind: 'message',
      same: [login],
      score: 0.8,
      summary: 'It asks.',
      evidence: { n: 1 },
    } as const;
    const raised = await raiseFlag(tx, ctx, { ...said, accountId: account });
    return { value: raised?.flag.id ?? '', events: raised?.events ?? [] };
  });
  const own = await session();
  const gateway = (await house.client(['messages'])).token;
  for (const token of [admin, gateway]) {
    const list = await ask(
      'GET',
      `/v1/flags?state=open&kind=message&account_id=${account}`,
      undefined,
      token,
    );
    expect(list.body).toMatchObject({ items: [{ id, count: 1, score: 0.8 }], next_cursor: null });
    const evidence = token === admin ? { n: 1 } : {};
    expect((await ask('GET', `/v1/flags/${id}`, undefined, token)).body.evidence).toEqual(evidence);
  }
  expect((await ask('GET', '/v1/flags?state=closed', undefined, admin)).status).toBe(422);
  const at = `/v1/flags/${id}/resolve`;
  const said = { state: 'confirmed', note: 'two lines\nof it' };
  for (const token of [client, gateway, own.token]) {
    expect((await ask('POST', at, said, token)).status).toBe(403);
    if (token !== gateway) expect((await ask('GET', `/v1/flags/${id}`, undefined, token)).status).toBe(403);
    if (token !== gateway) expect((await ask('GET', '/v1/flags', undefined, token)).status).toBe(403);
  }
  for (const bad of [{ state: 'confirmed' }, { ...said, state: 'open' }, { ...said, note: '\u001b[2J' }]) {
    expect((await ask('POST', at, bad, admin)).status).toBe(422);
  }
  expect((await ask('POST', at, said, admin)).body).toMatchObject({ ...said, id });
  expect(await ask('POST', at, said, admin)).toMatchObject({ status: 409, body: { code: 'flag_resolved' } });
  expect((await ask('POST', '/v1/flags/flg_nothing/resolve', said, admin)).status).toBe(404);
});

it('messages are judged, contacts announced and looked up', async () => {
  const gateway = (await house.client(['messages'])).token;
  const mail = {
    medium: 'email',
    direction: 'inbound',
    text: 'Shall we meet at noon?',
    account_login: login,
  };
  expect(await ask('POST', '/v1/messages/scan', mail, gateway)).toMatchObject({
    status: 200,
    body: { verdict: 'clear', flagged: false, solicited: false },
  });
  expect((await ask('POST', '/v1/messages/scan', mail)).status).toBe(403);
  const said = { account_id: account, medium: 'call', purpose: 'moving your site' };
  const { status, body } = await ask('POST', '/v1/contacts', said, admin);
  expect(status).toBe(201);
  const own = await session();
  const at = `/v1/me/contacts/${String(body.code)}`;
  expect((await ask('GET', at, undefined, own.token)).body).toMatchObject({ id: body.id, medium: 'call' });
  expect((await ask('GET', '/v1/me/contacts/nothing', undefined, own.token)).status).toBe(404);
});

it('reports: made and listed by their owner', async () => {
  const { token } = await session();
  const made = await ask(
    'POST',
    '/v1/me/reports',
    { medium: 'call', text: 'They wanted my password.' },
    token,
  );
  expect(made).toMatchObject({ status: 201, body: { verdict: 'password_request' } });
  expect((await ask('GET', '/v1/me/reports?limit=1', undefined, token)).body).toMatchObject({
    items: [{ id: made.body.report_id, medium: 'call', answered: false, state: 'open' }],
    next_cursor: null,
  });
  for (const bad of [{ medium: 'call' }, { medium: 'pigeon', text: 'x' }, { medium: 'sms', text: '' }]) {
    expect((await ask('POST', '/v1/me/reports', bad, token)).status).toBe(422);
  }
  expect((await ask('GET', '/v1/me/reports?cursor=x', undefined, token)).status).toBe(422);
});

it('the document lists every route with its schemas and is OpenAPI 3.1', async () => {
  const { body } = await ask('GET', '/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  const paths = body.paths as Record<string, Record<string, Record<string, unknown>>>;
  for (const route of [...routes, { method: 'post', path: '/v1/sessions/check', body: api.checkRequest }]) {
    const operation = paths[route.path]?.[route.method];
    expect(operation, route.path).toBeDefined();
    if (route.body) expect(operation?.requestBody).toBeDefined();
    for (const name of route.path.matchAll(/\{(\w+)\}/g)) {
      expect(JSON.stringify(operation?.parameters)).toContain(`"name":"${name[1]}"`);
    }
  }
  const refs = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    (match) => match[1],
  );
  const schemas = (body.components as { schemas: object }).schemas;
  expect(refs.length).toBeGreaterThan(10);
  for (const ref of refs) expect(schemas).toHaveProperty(ref ?? '');
  expect(JSON.stringify(document(routes, 'test', hookPaths(hooks)))).toBe(JSON.stringify(body));
});

it('webhooks: made, read, changed, tested, their deliveries listed and replayed, taken away', async () => {
  const make = { url: 'HTTPS://Hooks.Example.NET:443/in', events: ['session.ended', 'session.ended'] };
  const own = (await house.client(['webhooks'])).token;
  const made = await ask('POST', '/v1/webhooks', make, own);
  expect(made).toMatchObject({
    status: 201,
    body: { url: 'https://hooks.example.net/in', events: ['session.ended'], enabled: true },
  });
  expect(made.body).toMatchObject({
    id: expect.stringMatching(/^whk_/),
    secret: expect.stringMatching(/^whsec_/),
  });
  const at = `/v1/webhooks/${made.body.id}`;
  expect((await ask('GET', at, undefined, own)).text).not.toContain('whsec_');
  expect(await ask('GET', '/v1/webhooks', undefined, own)).toMatchObject({
    body: { items: [{ id: made.body.id }] },
  });
  const stranger = (await house.client(['webhooks'])).token;
  expect(await ask('GET', '/v1/webhooks', undefined, stranger)).toMatchObject({ body: { items: [] } });
  for (const path of [at, `${at}/deliveries`]) {
    expect(await ask('GET', path, undefined, stranger)).toMatchObject({ status: 404 });
    expect(await ask('GET', path, undefined, admin)).toMatchObject({ status: 200 });
  }
  expect(await ask('GET', at, undefined, client)).toMatchObject({ status: 403 });
  expect(await ask('PATCH', at, { rotate_secret: true, events: ['*'] }, own)).toMatchObject({
    body: { events: ['*'], secret: expect.stringMatching(/^whsec_/) },
  });
  const tested = await ask('POST', `${at}/test`, {}, own);
  expect(tested).toMatchObject({ status: 202, body: { event: 'webhook.test', state: 'pending' } });
  const listed = await ask('GET', `${at}/deliveries?state=pending&limit=1`, undefined, own);
  expect(listed.body.items).toMatchObject([{ event_id: tested.body.event_id }]);
  const again = `${at}/deliveries/${tested.body.event_id}/replay`;
  expect(await ask('POST', again, {}, own)).toMatchObject({ status: 202, body: { state: 'pending' } });
  expect(await ask('POST', `${at}/replay`, { since: '2026-01-01T00:00:00Z' }, own)).toMatchObject({
    status: 202,
    body: { next_since: null },
  });
  expect(await ask('PATCH', at, { enabled: false }, own)).toMatchObject({
    body: { disabled_because: 'asked' },
  });
  expect(await ask('POST', `${at}/test`, {}, own)).toMatchObject({ status: 409 });
  for (const url of [
    'http://hooks.example.net/',
    'ftp://x/',
    'https://u:p@x.test/',
    'https://x.test/#a',
    'x',
  ]) {
    expect(await ask('POST', '/v1/webhooks', { ...make, url }, own)).toMatchObject({ status: 422 });
  }
  for (const events of [[], ['login.refused'], ['webhook.test']]) {
    expect(await ask('POST', '/v1/webhooks', { ...make, events }, own)).toMatchObject({ status: 422 });
  }
  expect(await ask('DELETE', at, undefined, own)).toMatchObject({ status: 204 });
  expect(await ask('GET', at, undefined, own)).toMatchObject({ status: 404 });
});

it('live, ready, and figures for operators alone', async () => {
  expect(await ask('GET', '/livez')).toMatchObject({ status: 200 });
  expect(await ask('GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
  const figures = await house.request('GET', '/metrics', { token: admin });
  expect(await figures.text()).toContain('gatehouse_password_hashes_total');
  expect((await house.request('GET', '/metrics', { token: client })).status).toBe(403);
});

it('own access: app passwords, grants and SSH keys, made, listed and revoked', async () => {
  await ask('PUT', `/v1/accounts/${account}/credentials/ssh`, { password });
  const { token } = await session();
  const mine = (method: string, path: string, body?: unknown) => ask(method, `/v1/me/${path}`, body, token);
  const generator = generatorOf(house, String((await mine('POST', 'totp')).body.secret));
  await mine('POST', 'totp/confirm', { code: generator.code() });
  const end = { expires_at: new Date(house.now() + 3_600_000).toISOString(), source: '203.0.113.9/24' };
  const secret = await mine('POST', 'app-passwords', {
    store: 'ftp',
    label: 'laptop',
    read_only: true,
    ...end,
  });
  expect(secret).toMatchObject({ status: 201, body: { source: '203.0.113.0/24', read_only: true } });
  const grant = await mine('POST', 'grants', { store: 'ftp', source_ip: home, hours: 2 });
  expect(grant).toMatchObject({ status: 201, body: { source_ip: home } });
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD a@b';
  const made = await mine('POST', 'ssh-keys', { key, ...end });
  expect(made).toMatchObject({ status: 201, body: { label: 'a@b', type: 'ssh-ed25519' } });
  const fingerprint = made.body.fingerprint;
  expect(await ask('POST', '/v1/agent/ssh-keys', { host: 'h1', login, fingerprint })).toMatchObject({
    body: { decision: 'allow', key: { source: '203.0.113.0/24' } },
  });
  const at = { host: 'h1', store: 'ssh', channel: 'ssh', login, code_needed: true };
  expect(await ask('POST', '/v1/agent/factor', at)).toMatchObject({ body: { decision: 'challenge' } });
  for (const [what, { body }] of [
    ['app-passwords', secret],
    ['grants', grant],
    ['ssh-keys', made],
  ] as const) {
    expect(await mine('GET', what)).toMatchObject({ body: { items: [{ id: body.id }], next_cursor: null } });
    expect((await mine('DELETE', `${what}/${String(body.id)}`)).status).toBe(204);
    expect((await mine('DELETE', `${what}/${String(body.id)}`)).status).toBe(404);
  }
  const keys = `/v1/accounts/${account}/ssh-keys`;
  const staff = await ask('POST', keys, { key, label: 'deploy' });
  expect(await ask('GET', keys)).toMatchObject({ body: { items: [{ label: 'deploy' }] } });
  expect((await ask('DELETE', `${keys}/${String(staff.body.id)}`)).status).toBe(204);
});

it('recovery: a password reset by mail and denied, changed and looked at, an address confirmed, an account secured', async () => {
  await addressOf(house, account, `${login}@example.net`);
  const { token } = await session();
  const mine = (method: string, path: string, body?: unknown) => ask(method, `/v1/me/${path}`, body, token);
  expect(await mine('POST', 'password/check', { password: 'short' })).toMatchObject({
    status: 200,
    body: { acceptable: false },
  });
  const email = await mine('PUT', 'email', { email: 'new@example.org' });
  expect(email).toMatchObject({ status: 202, body: { pending: 'new@example.org' } });
  const confirm = (await mailsOf(house)).find((mail) => mail.to === 'new@example.org');
  expect(await ask('POST', '/v1/email-confirmations', { token: confirm?.token })).toMatchObject({
    status: 200,
    body: { login, email: 'new@example.org' },
  });
  const next = 'seven herons over the quiet harbour';
  const change = { current_password: password, new_password: next, keep_this_session: true };
  expect(await mine('POST', 'password', change)).toMatchObject({
    status: 200,
    body: { store: 'panel', login, session_kept: true },
  });
  await mailsOf(house);
  expect(await ask('POST', '/v1/password-resets', { login })).toMatchObject({ status: 202 });
  const [reset] = await mailsOf(house);
  expect(await ask('POST', '/v1/password-resets', { email: 'new@example.org' })).toMatchObject({
    status: 202,
  });
  const [second] = await mailsOf(house);
  const old = { token: reset?.token, new_password: password };
  expect((await ask('POST', '/v1/password-resets/confirm', old)).body.code).toBe('link_rejected');
  const denied = await ask('POST', '/v1/password-resets/deny', { token: second?.token });
  expect(denied).toMatchObject({ status: 200, body: { login, live_sessions: 1 } });
  const secured = await ask('POST', '/v1/account-security', { token: denied.body.secure_token });
  expect(secured).toMatchObject({ status: 200, body: { login, sessions_ended: 1, reset_mailed: false } });
  house.pass(3_600_000);
  await ask('POST', '/v1/password-resets', { login });
  const [third] = await mailsOf(house);
  const use = { token: third?.token, new_password: password };
  expect(await ask('POST', '/v1/password-resets/confirm', use)).toMatchObject({
    status: 200,
    body: { login, store: 'panel', second_factor: false },
  });
});

it('imports: rows in, rows that are there, rows that cannot be', async () => {
  const hash = '$1$q/AViZ9n$vxRgvboGbYXsuiQSl2HCR.';
  const rows = [
    { login: `brought-${count}`, hash },
    { login, hash },
    { login: 'root', hash: 'no hash' },
  ];
  const body = rows.map((row) => JSON.stringify(row)).join('\n');
  const lines = { 'content-type': 'application/x-ndjson' };
  const bring = (query: string, token = admin) => ask('POST', `/v1/imports?${query}`, body, token, lines);
  expect(await bring('store=ftp', client)).toMatchObject({ status: 403 });
  expect(await bring('store=nowhere')).toMatchObject({ status: 422, body: { code: 'invalid_field' } });
  const counts = { created: 1, existing: 1, refused_count: 1, schemes: { 'md5-crypt': 1 } };
  expect(await bring('store=ftp&dry_run=true')).toMatchObject({ body: { ...counts, id: null } });
  expect(await bring('store=ftp')).toMatchObject({ status: 200, body: counts });
  const answer = await house.guess({ login: `brought-${count}`, password: 'Tr0ub4dor&3' });
  expect(answer.decision).toBe('allow');
});
