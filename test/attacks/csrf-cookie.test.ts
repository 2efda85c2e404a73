/** A foreign page sends the browser's cookie along: what changes something must come from our own pages. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { fitTestHouse, opened, password } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
await house.account('anna', { panel: password });
let token = '';
beforeEach(async () => {
  ({ token } = opened(await house.guess({ login: 'anna', store: 'panel' })));
});

const logoff = (headers: Record<string, string>) =>
  house.request('DELETE', '/v1/session', {
    headers: { cookie: `__Host-gatehouse=${token}`, host: 'panel.example', ...headers },
  });
const alive = async () => (await house.request('GET', '/v1/session', { token })).status === 200;

it.each<[string, Record<string, string>]>([
  ['no header at all', {}],
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://panel.example' }],
  ['a neighbour of the same site', { 'sec-fetch-site': 'same-site' }],
  ['an address typed by hand', { 'sec-fetch-site': 'none' }],
  ['another origin', { origin: 'https://evil.example' }],
  ['an opaque origin', { origin: 'null' }],
  ['an origin that only starts alike', { origin: 'https://panel.example.evil.example' }],
  ['another port', { origin: 'https://panel.example:8443' }],
  ['junk', { origin: '://' }],
])('from %s: refused, and nothing happened', async (_, headers) => {
  expect((await logoff(headers)).status).toBe(403);
  expect(await alive()).toBe(true);
});

it.each<[string, Record<string, string>]>([
  ['a browser that says so', { 'sec-fetch-site': 'same-origin' }],
  ['an older browser', { origin: 'https://panel.example' }],
])('from our own page, by %s: done', async (_, headers) => {
  expect((await logoff(headers)).status).toBe(204);
  expect(await alive()).toBe(false);
});

it('a token in the header is no cookie: it never comes along by itself', async () => {
  const headers = { 'sec-fetch-site': 'cross-site' };
  expect((await house.request('DELETE', '/v1/session', { token, headers })).status).toBe(204);
});
