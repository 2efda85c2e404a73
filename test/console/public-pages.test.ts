/** The pages behind mailed links: plain forms, nothing by GET, nothing from elsewhere. */
import { createHash } from 'node:crypto';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { greetAgent } from '../../src/actions/greet-agent.ts';
import { openHostSession } from '../../src/actions/open-host-session.ts';
import { takeReports } from '../../src/actions/take-reports.ts';
import { agentOf, fitTestHouse, opened, password, value } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse();
afterAll(house.close);
const next = 'seven herons over the quiet harbour';
let client = '';
let login = '';
let count = 0;

beforeEach(async () => {
  client ||= (await house.client(['authenticate', 'accounts'])).token;
  login = `page-${++count}`;
  const account = await house.account(login, { panel: password });
  await addressOf(house, account, `${login}@example.net`);
  await mailsOf(house);
});

async function link(): Promise<string> {
  await house.request('POST', '/v1/password-resets', { token: client, body: { login } });
  return (await mailsOf(house))[0]?.token ?? '';
}

/** As a browser does: the link, the redirection, the cookie. */
async function open(path: string, token: string) {
  const first = await house.request('GET', `${path}?token=${token}`);
  const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { first, cookie, second: await house.request('GET', path, { headers: { cookie } }) };
}

const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  house.request('POST', path, {
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
const set = (token: string, more: Record<string, string> = {}) => ({
  ...{ token, do: 'set', new_password: next, again: next },
  ...more,
});
const panel = (secret: string) => house.guess({ store: 'panel', login, password: secret });

it('the link leads to a form, its token out of the address at once; the form sets the password', async () => {
  const token = await link();
  const { first, second } = await open('/reset', token);
  expect([first.status, first.headers.get('location')]).toEqual([303, '/reset']);
  expect(first.headers.get('set-cookie')).toMatch(/^gatehouse-reset=.*HttpOnly; SameSite=Lax$/);
  expect(first.headers.get('cache-control')).toBe('no-store');
  const text = await second.text();
  expect(second.status).toBe(200);
  expect(text).toContain(`<strong>${login}</strong>`);
  expect(text).toContain(`name="token" value="${token}"`);
  expect(text).toMatch(/<label for="new">[\s\S]*type="password" autocomplete="new-password"/);
  const done = await send('/reset', set(token));
  expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('The password is changed')]);
  expect((await panel(next)).decision).toBe('allow');
  expect((await send('/reset', set(token))).status).toBe(422);
});

it('no page runs or loads anything, is kept, framed, indexed, or tells where it came from', async () => {
  const { second } = await open('/reset', await link());
  const pages = [second, await house.request('GET', '/secure'), await send('/confirm-email', { token: 'x' })];
  for (const page of pages) {
    const text = await page.text();
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(text).not.toMatch(/<script|<img|<link|https?:\/\/|\son\w+=/i);
    expect(text).toMatch(/<html lang="en">/);
  }
});

it('a weak password, or two that differ, shows the form again, and the link stays good', async () => {
  const token = await link();
  const weak = await send('/reset', set(token, { new_password: 'short', again: 'short' }));
  expect(weak.status).toBe(422);
  expect(await weak.text()).toMatch(/role="alert" id="fault">It has 5 characters/);
  expect(await (await send('/reset', set(token, { again: 'x' }))).text()).toMatch(/not the same/);
  expect((await send('/reset', set(token))).status).toBe(200);
});

it('"this was not me" cancels, and offers to end all sessions', async () => {
  const session = opened(await panel(password));
  const token = await link();
  const denied = await (await send('/reset', { token, do: 'deny' })).text();
  expect(denied).toMatch(/Open sessions now: 1/);
  const secure =
    /action="\/secure">\s*<input type="hidden" name="token" value="([\w-]{43})"/.exec(denied)?.[1] ?? '';
  expect((await house.session(session.id)).ended_at).toBeNull();
  expect(await (await send('/secure', { token: secure })).text()).toMatch(/Sessions ended: 1/);
  expect((await house.session(session.id)).ended_at).not.toBeNull();
  expect((await mailsOf(house))[0]?.subject).toBe(`A new password for ${login}`);
});

it('what became of each door is said in words, and none is called closed before its host proved it', async () => {
  const host = `ftp-${count}`;
  const boot_id = '00000000-0000-4000-8000-000000000000';
  const agent = () => house.ctx(agentOf(host));
  value(await greetAgent(agent(), { host, boot_id, version: '1', sessions: [] }));
  const pressed = async (start: string) => {
    const name = `${login}-${start}`;
    await addressOf(house, await house.account(name, { ssh: password }), `${name}@example.net`);
    const process = { pid: 4711, start, boot_id };
    const door = { host, store: 'ssh', channel: 'ssh', login: name, method: 'publickey' as const, process };
    const answer = value(await openHostSession(agent(), door));
    if (answer.decision !== 'allow') throw new Error(answer.decision);
    await house.request('POST', '/v1/password-resets', { token: client, body: { login: name } });
    const reset = { token: (await mailsOf(house))[0]?.token ?? '' };
    const denied = await house.request('POST', '/v1/password-resets/deny', { token: client, body: reset });
    const { secure_token: token } = (await denied.json()) as { secure_token: string };
    const page = send('/secure', { token }).then((response) => response.text());
    return { id: answer.session.id, page };
  };
  const first = await (await pressed('1')).page;
  expect(first).toMatch(/<title>All sessions are being ended</);
  expect(first).toMatch(/Sessions ended: 1\. Not every door/);
  expect(first).toContain(`<li>ssh on ${host}: its host has the order and has not reported the end yet</li>`);
  const { id, page } = await pressed('2');
  await until(async () => (await house.session(id)).ended_at !== null);
  const at = new Date(house.now()).toISOString();
  const receipts = [{ session_id: id, state: 'ended' as const, at, detail: 'cgroup empty' }];
  value(await takeReports(agent(), { host, seen: [], gone: [], receipts }));
  expect(await page).toMatch(/<title>All sessions are ended<[\s\S]*its host proved that nothing of it runs/);
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('ATTACK: a mail scanner that follows every link, in every way that only reads, spends and ends nothing', async () => {
  const session = opened(await panel(password));
  const accounts = await house.request('GET', `/v1/accounts?login=${login}`, { token: client });
  const { items } = (await accounts.json()) as { items: { id: string }[] };
  const body = { password: 'another lantern by the old canal' };
  const token = await link();
  for (const path of ['/reset', '/secure', '/confirm-email']) {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      await house.request(method, `${path}?token=${token}`);
      await house.request(method, `${path}?token=${token}&do=set&new_password=${next}&again=${next}`);
    }
    await open(path, token);
  }
  expect((await send('/reset', set(token))).status).toBe(200);
  await house.request('PUT', `/v1/accounts/${items[0]?.id}/credentials/panel`, { token: client, body });
  const notice = (await mailsOf(house)).find((mail) => mail.link.includes('/secure'));
  const fresh = opened(await panel(body.password));
  for (const method of ['GET', 'HEAD']) await house.request(method, `/secure?token=${notice?.token}`);
  await open('/secure', notice?.token ?? '');
  expect((await house.session(fresh.id)).ended_at).toBeNull();
  expect((await house.session(session.id)).ended_at).not.toBeNull();
});

it('ATTACK: a form of another site is refused', async () => {
  const token = await link();
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
  ] as Record<string, string>[]) {
    expect((await send('/reset', set(token), headers)).status).toBe(403);
    expect((await send('/secure', { token }, headers)).status).toBe(403);
  }
  const json = await house.request('POST', '/reset', { body: { token, new_password: next } });
  expect(json.status).toBe(403);
  expect((await panel(password)).decision).toBe('allow');
  const own = await send('/reset', set(token), { 'sec-fetch-site': 'same-origin', origin: 'null' });
  expect(own.status).toBe(200);
});

it('ATTACK: no page leads anywhere else', async () => {
  const token = await link();
  for (const query of [
    `token=${token}&next=//evil.example`,
    'token=//evil.example',
    'token=%0d%0aLocation:%20//evil',
  ]) {
    const response = await house.request('GET', `/reset?${query}`, { headers: { host: 'evil.example' } });
    expect(response.headers.get('location')).toBe('/reset');
    expect(response.headers.get('set-cookie') ?? '').not.toMatch(/evil/i);
  }
});

it('ATTACK: what is sent comes back as text, or not at all', async () => {
  const token = await link();
  const script = '"><script>alert(1)</script>';
  const answers = [
    await send('/reset', set(token, { login: script, new_password: script, again: script })),
    await send('/reset', { token: script }),
    await house.request('GET', '/reset', {
      headers: { cookie: `gatehouse-reset=${encodeURIComponent(script)}` },
    }),
  ];
  for (const answer of answers) expect(await answer.text()).not.toContain('<script');
});

it('a form that is too large is not read', async () => {
  expect((await send('/reset', { token: 'x'.repeat(20_000) })).status).toBe(413);
});

it('what was done stands on record with the address of the visitor, whose proxy is ours', async () => {
  const from = async (peer: string, forwarded: string) => {
    const body = new URLSearchParams(set(await link(), { do: 'deny' })).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': forwarded };
    const connection = { incoming: { socket: { remoteAddress: peer } } };
    const sent = { method: 'POST', body, headers };
    const response = await house.app.request('http://localhost/reset', sent, connection as never);
    expect(response.status).toBe(200);
    return (await house.events('reset.denied')).at(-1)?.source;
  };
  expect(await from('127.0.0.1', '192.0.2.66, 203.0.113.40')).toBe('203.0.113.40');
  expect(await from('203.0.113.41', '192.0.2.66')).toBe('203.0.113.41');
});
