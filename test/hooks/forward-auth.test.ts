/** `/hooks/forward-auth`: 200 with who it is, 401, 403, and never anything else. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { identityHeaders } from '../../src/protocol/forward-auth.ts';
import { fitTestHouse, opened, password } from '../support/house.ts';
import { type Sent, send } from './support/callers.ts';

const house = await fitTestHouse();
afterAll(house.close);
let key = '';
let anna = '';

beforeAll(async () => {
  key = (await house.client(['authenticate'])).token;
  anna = await house.account('anna', { panel: password, ftp: password });
});

const login = async () => opened(await house.guess({ login: 'anna', store: 'panel' }));
const ask = (headers: Record<string, string> = {}, query = '', more: Sent = {}) =>
  send(house, `/hooks/forward-auth${query}`, {
    ...{ method: 'GET', ...more },
    headers: { 'x-gatehouse-key': key, 'x-forwarded-method': 'GET', ...headers },
  });

it('by cookie or by bearer: who it is, in headers that are all there', async () => {
  const { token, id } = await login();
  for (const headers of [
    { cookie: `a=b; __Host-gatehouse=${token}` },
    { authorization: `Bearer ${token}` },
  ]) {
    const response = await ask(headers);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(identityHeaders.map((name) => [name, response.headers.get(name)]))).toEqual({
      'x-gatehouse-account': anna,
      'x-gatehouse-login': 'anna',
      'x-gatehouse-session': id,
      'x-gatehouse-profile': 'standard',
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
  }
});

it('a login of any text cannot become another header', async () => {
  const { token } = await login();
  await house.database
    .sql`update accounts set login = ${'anna\r\nX-Gatehouse-Login: root ü'} where id = ${anna}`;
  const response = await ask({ authorization: `Bearer ${token}` });
  expect(response.headers.get('x-gatehouse-login')).toBe('anna%0D%0AX-Gatehouse-Login%3A%20root%20%C3%BC');
  await house.database.sql`update accounts set login = 'anna' where id = ${anna}`;
});

it('no session, a junk one, an FTP one, a client’s key, a dead one: 401', async () => {
  const ftp = opened(await house.guess({ login: 'anna', store: 'ftp', open_session: true }));
  const dead = await login();
  await house.request('DELETE', '/v1/session', { token: dead.token });
  const tokens = ['', 'x', `ghs_${'x'.repeat(43)}`, ftp.token, dead.token];
  for (const token of tokens) {
    expect((await ask({ cookie: `__Host-gatehouse=${token}` })).status).toBe(401);
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(401);
  }
  expect((await ask()).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${ftp.token}` }, '?store=ftp')).status).toBe(200);
});

it('whatever is wrong with the proxy itself is a 403, so that no browser is sent round in circles', async () => {
  const { token } = await login();
  const shown = { authorization: `Bearer ${token}` };
  const noScope = (await house.client(['accounts', 'agent'])).token;
  for (const other of ['x', `ghc_${'x'.repeat(43)}`, token, noScope]) {
    expect((await ask({ ...shown, 'x-gatehouse-key': other })).status).toBe(403);
  }
  expect((await send(house, '/hooks/forward-auth', { method: 'GET', headers: shown })).status).toBe(403);
  expect((await ask(shown, '?store=nothing')).status).toBe(403);
  const gone = house.node();
  await gone.house.database.close();
  const headers = { 'x-gatehouse-key': key, ...shown };
  expect((await send(gone, '/hooks/forward-auth', { method: 'GET', headers })).status).toBe(403);
});

it('the visitor’s own Authorization is never taken for the key', async () => {
  const headers = { authorization: `Basic ${Buffer.from(`x:${key}`).toString('base64')}` };
  expect((await send(house, '/hooks/forward-auth', { method: 'GET', headers })).status).toBe(403);
});

it('what changes something must come from our own pages, when the cookie is what speaks', async () => {
  const { token } = await login();
  const cookie = { cookie: `__Host-gatehouse=${token}`, 'x-forwarded-host': 'localhost:8080' };
  const cases: [Record<string, string>, number][] = [
    [{ 'x-forwarded-method': 'POST' }, 403],
    [{ 'x-forwarded-method': '' }, 403],
    [{ 'x-forwarded-method': 'POST', 'sec-fetch-site': 'same-site' }, 403],
    [{ 'x-forwarded-method': 'POST', 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'x-forwarded-method': 'POST', origin: 'https://evil.example' }, 403],
    [{ 'x-forwarded-method': 'POST', origin: 'null' }, 403],
    [{ 'x-forwarded-method': 'POST', 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'x-forwarded-method': 'POST', origin: 'http://localhost:8080' }, 200],
    [{ 'x-forwarded-method': 'GET', 'sec-fetch-site': 'cross-site' }, 200],
  ];
  for (const [headers, status] of cases) {
    expect((await ask({ ...cookie, ...headers })).status, JSON.stringify(headers)).toBe(status);
  }
  const bearer = { authorization: `Bearer ${token}`, 'x-forwarded-method': 'POST' };
  expect((await ask(bearer)).status).toBe(200);
});

it('to the login page and back to our own pages alone, on a trusted proxy’s word alone', async () => {
  const back = async (headers: Record<string, string>, peer = '127.0.0.1') => {
    const response = await ask(headers, '', { peer });
    const page = new URL(response.headers.get('x-gatehouse-redirect') ?? '');
    expect(page.origin + page.pathname).toBe('http://localhost:8080/login');
    return page.searchParams.get('return_to');
  };
  const here = {
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'localhost:8080',
    'x-forwarded-uri': '/files?a=b&c',
  };
  expect(await back(here)).toBe('http://localhost:8080/files?a=b&c');
  expect(await back(here, '203.0.113.1')).toBeNull();
  for (const evil of [
    { ...here, 'x-forwarded-host': 'evil.example' },
    { ...here, 'x-forwarded-host': 'localhost:8080@evil.example' },
    { ...here, 'x-forwarded-uri': '@evil.example/' },
    { ...here, 'x-forwarded-uri': '.evil.example/' },
    { ...here, 'x-forwarded-proto': 'javascript' },
    { ...here, 'x-forwarded-proto': 'https' },
  ]) {
    expect(await back(evil), JSON.stringify(evil)).toBeNull();
  }
  expect(await back({ ...here, 'x-forwarded-uri': '//evil.example/' })).toBe(
    'http://localhost:8080//evil.example/',
  );
});

it('counts as activity, or not, as the proxy says', async () => {
  const idle = 900_000;
  const kept = await login();
  const left = await login();
  for (let i = 0; i < 3; i++) {
    house.pass(idle / 2);
    expect((await ask({ authorization: `Bearer ${kept.token}` })).status).toBe(200);
    const polled = await ask({ authorization: `Bearer ${left.token}` }, '?touch=no');
    expect(polled.status).toBe(i === 0 ? 200 : 401);
  }
});
