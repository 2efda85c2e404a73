/** One hostile walk over every route: whatever comes, a clear refusal, the headers of every answer, and no change. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../src/http/routes/index.ts';
import { problem as problemShape } from '../../src/protocol/api.ts';
import { fitTestHouse, opened, password, type RequestOptions } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);

const junk = `ghc_${'x'.repeat(43)}`;
const tokens = { admin: '', auditor: '', none: '', customer: '', agent: '', every: '' };

beforeAll(async () => {
  await house.account('anna', { panel: password });
  tokens.customer = opened(await house.guess({ login: 'anna', store: 'panel' })).token;
  tokens.admin = (await house.operator('admin')).token;
  tokens.auditor = (await house.operator('auditor')).token;
  tokens.none = (await house.client([])).token;
  tokens.agent = (await house.client(['agent'], 'h1')).token;
  tokens.every = (
    await house.client(['accounts', 'authenticate', 'sessions', 'agent', 'messages', 'webhooks'])
  ).token;
});

/** Everything, also what the table of routes does not list. */
const walked = [
  ...routes.map(({ method, path, enter, body, limit, stream }) => ({
    method,
    path,
    enter,
    hasBody: body !== undefined,
    // A route that takes both is walked with JSON.
    type: body === undefined ? stream?.[0] : undefined,
    limit,
  })),
  {
    method: 'post',
    path: '/v1/sessions/check',
    enter: 'caller',
    hasBody: true,
    type: undefined,
    limit: undefined,
  },
  {
    method: 'get',
    path: '/v1/agent/orders',
    enter: 'caller',
    hasBody: false,
    type: undefined,
    limit: undefined,
  },
  { method: 'get', path: '/metrics', enter: 'caller', hasBody: false, type: undefined, limit: undefined },
] as const;

const filled = (path: string) =>
  path
    .replace(/accounts$/, 'accounts?login=anna')
    .replace(/imports$/, 'imports?store=ftp')
    .replace(/agent\/self$/, 'agent/self?host=h1')
    .replace('{store}', 'ftp')
    .replace('{login}', 'anna')
    .replace(/\{\w+\}/g, 'acc_nothing');

function expectHeaders(response: Response): void {
  expect(response.headers.get('x-request-id')).toMatch(/^req_[\w-]{20}$/);
  expect(response.headers.get('cache-control')).toBe('no-store');
}

async function expectProblem(response: Response, status: number): Promise<Record<string, unknown>> {
  expectHeaders(response);
  const text = await response.text();
  expect(`${response.status} ${text}`).toMatch(new RegExp(`^${status} `));
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = problemShape.strict().parse(JSON.parse(text));
  expect(body.status).toBe(status);
  expect(body.request_id).toBe(response.headers.get('x-request-id'));
  return body;
}

describe.each(walked.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
  '%s',
  (_, route) => {
    const typed = route.type === undefined ? {} : { 'content-type': route.type };
    const ask = (options: RequestOptions) =>
      house.request(route.method.toUpperCase(), filled(route.path), {
        ...options,
        headers: { ...typed, ...options.headers },
      });
    const body = route.hasBody ? {} : undefined;
    const good = () => {
      if (route.path === '/v1/policy') return tokens.admin;
      return route.enter === 'customer' ? tokens.customer : tokens.every;
    };

    it('without a token, and with any that is not good: 401', async () => {
      for (const authorization of [
        undefined,
        `Bearer ${junk}`,
        'Bearer ',
        'Bearer x',
        'Basic eDp5',
        `Bearer gho_${'y'.repeat(43)}`,
        `Bearer ghs_${'z'.repeat(43)}`,
        `Bearer ${tokens.every}x`,
      ]) {
        const headers = authorization === undefined ? {} : { authorization };
        const response = await ask({ headers, ...(body && { body: { token: 'ghs_x' } }) });
        await expectProblem(response, 401);
        expect(response.headers.get('www-authenticate')).toBe('Bearer');
      }
    });

    it('with the token of somebody else: 403', async () => {
      const others = route.enter === 'customer' ? [tokens.every, tokens.admin] : [tokens.customer];
      for (const token of others) {
        const status = route.path === '/v1/sessions/check' ? 401 : 403;
        await expectProblem(await ask({ token, ...(body && { body: { token: 'x' } }) }), status);
      }
    });

    it('a cookie from a foreign page opens nothing', async () => {
      const cookie = `gatehouse=${tokens.customer}`;
      for (const foreign of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        {},
      ]) {
        if (route.method === 'get') continue;
        const response = await ask({ headers: { cookie, ...foreign }, ...(body && { body }) });
        await expectProblem(response, route.path === '/v1/sessions/check' ? 401 : 403);
      }
    });

    it.runIf(route.hasBody)('a body that is no JSON: 400', async () => {
      for (const text of ['{', 'nothing', '{"a":1}}', '\u0000']) {
        await expectProblem(await ask({ token: good(), body: text }), 400);
      }
      const type = { 'content-type': 'text/plain' };
      await expectProblem(await ask({ token: good(), body: '{}', headers: type }), 400);
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      await expectProblem(await ask({ token: good(), body: 'a=b', headers: form }), 400);
    });

    it.runIf(route.hasBody)('a body of the wrong shape: 422, each fault named', async () => {
      for (const wrong of ['[]', 'null', '"text"', '7']) {
        await expectProblem(await ask({ token: good(), body: wrong }), 422);
      }
      const token = route.path === '/v1/policy' ? tokens.admin : good();
      const answer = await expectProblem(await ask({ token, body: { no_such_field: 1 } }), 422);
      const errors = answer.errors as { path: string; message: string }[];
      expect(errors.map((error) => error.path).join(' ')).toContain('no_such_field');
    });

    it.runIf(route.hasBody)('a body over its limit: 413, with and without a declared length', async () => {
      const text = JSON.stringify({ no_such_field: 'x'.repeat((route.limit ?? 16_384) + 1) });
      await expectProblem(await ask({ token: good(), body: text }), 413);
      const headers = { 'content-length': String(text.length) };
      await expectProblem(await ask({ token: good(), body: text, headers }), 413);
    });

    it('a key or role without the scope: 403', async () => {
      if (route.enter === 'customer') return;
      const response = await ask({ token: tokens.none, ...(body && { body: sample(route.path) }) });
      await expectProblem(response, 403);
    });
  },
);

/** A body that parses, so that the refusal is about who asks. */
function sample(path: string): unknown {
  const agent = { host: 'h1', store: 'ssh', login: 'anna', channel: 'ssh', method: 'password' };
  const process = { pid: 5, start: '1', boot_id: '00000000-0000-4000-8000-000000000000' };
  const samples: Record<string, unknown> = {
    '/v1/authenticate': { store: 'ftp', login: 'anna', password: 'x' },
    '/v1/authenticate/challenge': { challenge_id: 'cha_x', kind: 'totp', code: '123456' },
    '/v1/sessions/check': { token: 'x' },
    '/v1/sessions/end': { select: { all: true }, reason: 'x' },
    '/v1/me/sessions/end': { scope: 'all' },
    '/v1/accounts': { login: 'berta' },
    '/v1/password-resets': { login: 'anna' },
    '/v1/password-resets/confirm': { token: 'x', new_password: password },
    '/v1/password-resets/deny': { token: 'x' },
    '/v1/account-security': { token: 'x' },
    '/v1/email-confirmations': { token: 'x' },
    '/v1/accounts/{id}/suspend': { reason: 'x' },
    '/v1/accounts/{id}/close': { reason: 'x' },
    '/v1/accounts/{id}/factors/remove': { reason: 'x' },
    '/v1/accounts/{id}/explain': { store: 'ftp', login: 'anna' },
    '/v1/accounts/{id}/credentials/{store}': { password },
    '/v1/policy': {},
    '/v1/messages/scan': { medium: 'sms', direction: 'inbound', text: 'x' },
    '/v1/contacts': { account_id: 'acc_nothing', medium: 'call', purpose: 'x' },
    '/v1/me/reports': { medium: 'sms', text: 'x' },
    '/v1/flags/{id}/resolve': { state: 'dismissed', note: 'x' },
    '/v1/webhooks': { url: 'https://hooks.example.net/', events: ['session.ended'] },
    '/v1/webhooks/{id}': { enabled: false },
    '/v1/webhooks/{id}/replay': { since: '2026-01-01T00:00:00Z' },
    '/v1/agent/hello': { host: 'h1', boot_id: process.boot_id, version: '1', sessions: [] },
    '/v1/agent/door': { host: 'h1', store: 'ssh', login: 'anna', channel: 'ssh' },
    '/v1/agent/account': agent,
    '/v1/agent/sessions': { ...agent, process },
    '/v1/agent/factor': { host: 'h1', store: 'ssh', login: 'anna', channel: 'ssh', code_needed: true },
    '/v1/agent/ssh-keys': { host: 'h1', login: 'anna', fingerprint: `SHA256:${'a'.repeat(43)}` },
    '/v1/accounts/{id}/ssh-keys': { key: 'ssh-ed25519 AAAA' },
    '/v1/agent/reports': { host: 'h1', seen: [], gone: [], receipts: [] },
  };
  return samples[path] ?? {};
}

it('the walk changed nothing', async () => {
  const kinds = new Set((await house.events()).map((event) => event.kind));
  for (const kind of ['account.suspended', 'account.closed', 'sessions.ended', 'policy.changed']) {
    expect(kinds).not.toContain(kind);
  }
  const response = await house.request('GET', '/v1/session', { token: tokens.customer });
  expect(response.status).toBe(200);
});

it('paths that are not there, and methods that a path does not have: 404', async () => {
  for (const [method, path] of [
    ['GET', '/v1/nothing'],
    ['PATCH', '/v1/accounts'],
    ['GET', '/v1/../etc/passwd'],
    ['GET', '/'],
  ] as const) {
    await expectProblem(await house.request(method, path, { token: tokens.every }), 404);
  }
});

it('text that no database column holds is refused, not a fault', async () => {
  const nul = 'a\u0000b';
  const token = tokens.every;
  const post = (path: string, body: unknown) => house.request('POST', path, { token, body });
  const answers = [
    await post('/v1/sessions/end', { select: { ids: [nul] }, reason: 'x' }),
    await post('/v1/sessions/end', { select: { account_id: nul }, reason: 'x' }),
    await post('/v1/sessions/end', { select: { host: nul }, reason: 'x' }),
    await post('/v1/authenticate', {
      store: 'panel',
      login: 'anna',
      password,
      user_agent: nul,
      source_ip: '192.0.2.77',
    }),
    await house.request('GET', '/v1/accounts/%00', { token }),
    await house.request('GET', '/v1/orders/%00', { token }),
    await house.request('GET', '/v1/sessions?host=%00', { token }),
    await house.request('GET', '/v1/flags?account_id=%00', { token }),
    await house.request('GET', '/v1/flags/%00', { token }),
    await house.request('GET', '/v1/sessions?source_ip=fe80::1%25eth0', { token }),
    await house.request('DELETE', '/v1/accounts/acc_x/credentials/ftp/%00', { token }),
    await house.request('PUT', '/v1/accounts/%00/credentials/ftp', { token, body: { password } }),
    await post('/v1/agent/hello', { ...(sample('/v1/agent/hello') as object), version: nul }),
    await post('/v1/agent/account', { ...(sample('/v1/agent/account') as object), host: nul }),
  ];
  for (const answer of answers) {
    expectHeaders(answer);
    expect([404, 422, 200]).toContain(answer.status);
  }
});

it('a login of any text is judged like one that does not exist', async () => {
  const ask = async (login: string) => {
    const body = { store: 'ftp', login, password: 'x', source_ip: '192.0.2.78' };
    const response = await house.request('POST', '/v1/authenticate', { token: tokens.every, body });
    return [response.status, await response.text()];
  };
  const deny = [200, '{"decision":"deny","reason":"invalid_credentials"}'];
  const names = [
    'a\u0000b',
    '\ud800',
    'ﷺﷻ'.repeat(120),
    "' or 1=1 --",
    '🦊'.repeat(120),
    'x'.repeat(255),
    '|',
    ' ',
  ];
  for (const login of names) expect(await ask(login)).toEqual(deny);
});

it('a merge patch as deep as its limit allows is refused, not a fault', async () => {
  const depth = 2500;
  const text = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const response = await house.request('PATCH', '/v1/policy', { token: tokens.admin, body: text });
  await expectProblem(response, 422);
  const proto = await house.request('PATCH', '/v1/policy', {
    token: tokens.admin,
    body: '{"__proto__":{"x":1},"constructor":{"prototype":{"y":2}}}',
  });
  await expectProblem(proto, 422);
});

it('an auditor reads and changes nothing', async () => {
  const { auditor } = tokens;
  for (const path of ['/v1/policy', '/v1/sessions', '/v1/accounts?login=anna']) {
    expect((await house.request('GET', path, { token: auditor })).status).toBe(200);
  }
  for (const [method, path] of [
    ['PATCH', '/v1/policy'],
    ['POST', '/v1/sessions/end'],
    ['POST', '/v1/accounts'],
    ['POST', '/v1/accounts/{id}/close'],
  ] as const) {
    const response = await house.request(method, filled(path), { token: auditor, body: sample(path) });
    await expectProblem(response, 403);
  }
});

it('whatever a caller puts in Host or X-Forwarded headers comes back nowhere', async () => {
  const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-for': '6.6.6.6', host: 'evil.example' };
  for (const path of ['/openapi.json', '/livez', '/v1/session', '/nowhere']) {
    const response = await house.request('GET', path, { headers });
    expect(JSON.stringify([...response.headers]) + (await response.text())).not.toContain('evil.example');
  }
});
