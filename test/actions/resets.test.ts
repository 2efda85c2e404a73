/** Resets by mail, from the request to the new password (contract section 9). */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { hashesComputed } from '../../src/metrics.ts';
import { fitTestHouse, opened, panel, password, value } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
const next = 'seven herons over the quiet harbour';
let token = '';
let count = 0;
let login = '';
let account = '';

beforeEach(async () => {
  token ||= (await house.client(['authenticate'])).token;
  login = `owner-${++count}`;
  account = await house.account(login, { panel: password, ftp: password });
  await addressOf(house, account, `${login}@example.net`);
  await mailsOf(house);
});

async function post(path: string, body: unknown) {
  const response = await house.request('POST', path, { token, body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const ask = (more: object = {}) => post('/v1/password-resets', { login, source_ip: '192.0.2.1', ...more });
const confirm = (link: string, new_password = next) =>
  post('/v1/password-resets/confirm', { token: link, new_password });
const panelLogin = (secret: string) => house.guess({ store: 'panel', login, password: secret });
const active = async (session: string) => (await house.session(session)).ended_at === null;

it('the link that is mailed sets the panel password, once; every session of every store ends; none is opened', async () => {
  const [here, ftp] = [
    opened(await panelLogin(password)),
    opened(await house.guess({ login, open_session: true })),
  ];
  expect(await ask()).toMatchObject({ status: 202 });
  const [mail] = await mailsOf(house);
  expect(mail).toMatchObject({ to: `${login}@example.net`, subject: `A new password for ${login}` });
  expect(mail?.link).toMatch(/^http:\/\/localhost:8080\/reset\?token=[\w-]{43}$/);
  expect(mail?.text).toContain('192.0.2.1');
  const done = await confirm(mail?.token ?? '');
  expect(done).toMatchObject({
    status: 200,
    body: { login, store: 'panel', second_factor: false, sessions_ended: 2 },
  });
  expect(JSON.stringify(done.body)).not.toMatch(/ghs_/);
  expect([await active(here.id), await active(ftp.id)]).toEqual([false, false]);
  expect((await panelLogin(password)).decision).toBe('deny');
  expect((await panelLogin(next)).decision).toBe('allow');
  expect((await house.guess({ login })).decision).toBe('allow');
  expect(await confirm(mail?.token ?? '')).toMatchObject({ status: 422, body: { code: 'link_rejected' } });
  expect((await mailsOf(house)).map((each) => each.subject)).toEqual([
    `The password of ${login} was changed`,
  ]);
  expect((await house.events('reset.used')).at(-1)).toMatchObject({ account_id: account });
});

it('by address, whatever its case: the mail goes to the address as the account has it', async () => {
  await post('/v1/password-resets', { email: `${login.toUpperCase()}@Example.NET` });
  expect((await mailsOf(house)).map((each) => each.to)).toEqual([`${login}@example.net`]);
});

it('an address of several accounts gets a mail each; one of many gets one that asks which', async () => {
  const logins = Array.from({ length: 6 }, (_, i) => `shared-${i}`);
  for (const name of logins)
    await addressOf(house, await house.account(name, { panel: password }), 'shared@example.net');
  await addressOf(house, account, 'shared@example.net');
  await post('/v1/password-resets', { email: 'shared@example.net' });
  const [which, ...none] = await mailsOf(house);
  expect(none).toEqual([]);
  expect(which?.text.replaceAll('\n', ' ')).toContain('shared-0, shared-1');
  for (const name of logins.slice(2)) {
    await house.database.sql`update accounts set email = null where login = ${name}`;
  }
  await post('/v1/password-resets', { email: 'shared@example.net' });
  expect((await mailsOf(house)).map((each) => each.subject).sort()).toEqual(
    [login, 'shared-0', 'shared-1'].map((name) => `A new password for ${name}`).sort(),
  );
});

it('only the newest link works, for 30 minutes', async () => {
  await ask();
  const [first] = await mailsOf(house);
  await ask();
  const [second] = await mailsOf(house);
  expect(await confirm(first?.token ?? '')).toMatchObject({ status: 422, body: { code: 'link_rejected' } });
  house.pass(30 * 60_000 - 1);
  expect(await confirm(second?.token ?? '', 'short')).toMatchObject({ body: { code: 'password_rejected' } });
  house.pass(1);
  expect(await confirm(second?.token ?? '')).toMatchObject({ status: 422, body: { code: 'link_rejected' } });
});

it('a weak password does not spend the link, and hears why', async () => {
  await ask();
  const [mail] = await mailsOf(house);
  for (const weak of ['short', 'passwordpassword1', `${login} and nothing else`, 'iloveyouforever1']) {
    const refused = await confirm(mail?.token ?? '', weak);
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'password_rejected', errors: [{ path: 'new_password' }] },
    });
  }
  expect(await confirm(mail?.token ?? '')).toMatchObject({ status: 200 });
});

it('a password that is set by another way makes the link worthless', async () => {
  await ask();
  const [mail] = await mailsOf(house);
  const accounts = (await house.client(['accounts'])).token;
  const body = { password: 'another lantern by the old canal' };
  await house.request('PUT', `/v1/accounts/${account}/credentials/panel`, { token: accounts, body });
  expect(await confirm(mail?.token ?? '')).toMatchObject({ status: 422, body: { code: 'link_rejected' } });
});

it('"this was not me": cancels, is on record, and offers to end all sessions', async () => {
  const session = opened(await panelLogin(password));
  await ask();
  const [mail] = await mailsOf(house);
  const denied = await post('/v1/password-resets/deny', { token: mail?.token, source_ip: '198.51.100.9' });
  expect(denied).toMatchObject({ status: 200, body: { login, live_sessions: 1 } });
  expect(await confirm(mail?.token ?? '')).toMatchObject({ status: 422 });
  expect((await house.events('reset.denied')).at(-1)).toMatchObject({
    account_id: account,
    source: '198.51.100.9',
    detail: { asked_from: '192.0.2.1/32' },
  });
  expect(await active(session.id)).toBe(true);
  const secured = await post('/v1/account-security', { token: denied.body.secure_token });
  expect(secured).toMatchObject({ status: 200, body: { sessions_ended: 1, reset_mailed: true } });
  expect(await active(session.id)).toBe(false);
  expect((await mailsOf(house)).map((each) => each.subject)).toEqual([`A new password for ${login}`]);
  expect(await post('/v1/account-security', { token: denied.body.secure_token })).toMatchObject({
    status: 422,
  });
});

it('an older link denies as well, and cancels the newest', async () => {
  await ask();
  const [first] = await mailsOf(house);
  await ask();
  const [second] = await mailsOf(house);
  expect(await post('/v1/password-resets/deny', { token: first?.token })).toMatchObject({ status: 200 });
  expect(await confirm(second?.token ?? '')).toMatchObject({ status: 422 });
  expect(await post('/v1/password-resets/deny', { token: second?.token })).toMatchObject({ status: 200 });
  expect(await post('/v1/password-resets/deny', { token: second?.token })).toMatchObject({ status: 422 });
});

it('three mails an hour for an account; the fourth request is answered like the others', async () => {
  const seen: number[] = [];
  for (const minutes of [0, 0, 1, 6, 7, 30]) {
    house.pass(minutes * 60_000);
    expect((await ask()).status).toBe(202);
    seen.push((await mailsOf(house)).length);
  }
  expect(seen).toEqual([1, 1, 0, 1, 0, 0]);
  house.pass(3_600_000);
  await ask();
  expect(await mailsOf(house)).toHaveLength(1);
});

it('twenty requests an hour from one source', async () => {
  const names = [];
  for (let i = 0; i < 25; i++) {
    const name = `flooded-${i}`;
    names.push(name);
    await addressOf(house, await house.account(name, { panel: password }), `${name}@example.net`);
  }
  for (const name of names) {
    expect((await ask({ login: name, source_ip: '203.0.113.77' })).status).toBe(202);
  }
  expect(await mailsOf(house)).toHaveLength(20);
  await ask({ login: names[24], source_ip: '203.0.113.78' });
  expect(await mailsOf(house)).toHaveLength(1);
});

it('who is suspended, closed, locked, without an address or unknown gets no mail', async () => {
  const before = async (change: () => Promise<unknown>) => {
    await change();
    expect((await ask()).status).toBe(202);
    return mailsOf(house);
  };
  const { sql } = house.database;
  expect(await before(() => sql`update credentials set locked_at = now() where login = ${login}`)).toEqual(
    [],
  );
  expect(
    await before(async () => {
      await sql`update credentials set locked_at = null where login = ${login}`;
      await addressOf(house, account, null);
    }),
  ).toEqual([]);
  expect(
    await before(async () => {
      await addressOf(house, account, 'x@example.net');
      value(
        await changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'all', reason: 'unpaid' }),
      );
    }),
  ).toEqual([]);
  expect((await ask({ login: 'nobody-at-all' })).status).toBe(202);
  expect(await mailsOf(house)).toEqual([]);
  const outcomes = (await house.events('reset.asked')).slice(-4).map((event) => event.detail?.outcome);
  expect(outcomes).toEqual(['locked', 'no_address', 'shut', 'unknown']);
});

it('a link whose account is shut meanwhile is worth nothing', async () => {
  await ask();
  const [mail] = await mailsOf(house);
  value(await changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'all', reason: 'unpaid' }));
  expect(await confirm(mail?.token ?? '')).toMatchObject({ status: 422, body: { code: 'link_rejected' } });
});

it('ATTACK: a link of one’s own keeps the hash threads busy for so many passwords, and no longer', async () => {
  await ask();
  const [mail] = await mailsOf(house);
  // The hash is computed, and then the account turns out to be shut: the link stays unspent.
  await house.database
    .sql`update accounts set status = 'suspended', suspend_level = 'logins' where id = ${account}`;
  const made = async () =>
    (await hashesComputed.get()).values.find(({ labels }) => labels.purpose === 'create')?.value ?? 0;
  const before = await made();
  for (let i = 0; i < 60; i++) {
    expect((await confirm(mail?.token ?? '', `${next}, number ${i}`)).status).toBe(422);
  }
  expect((await made()) - before).toBe(40);
}, 60_000);

it('one of 50 parallel uses wins, round after round', async () => {
  // 200 rounds are what the promise says; a few of them each time, all with RESET_ROUNDS=200.
  const rounds = Number(process.env.RESET_ROUNDS ?? 10);
  for (let round = 0; round < rounds; round++) {
    await ask({ source_ip: `198.51.100.${round % 250}` });
    const mail = (await mailsOf(house)).find(({ link }) => link.includes('/reset?'));
    const secret = `${next}, number ${round}`;
    const uses = Array.from({ length: 50 }, () => confirm(mail?.token ?? '', secret));
    const statuses = (await Promise.all(uses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 422)).toHaveLength(49);
    expect((await panelLogin(secret)).decision).toBe('allow');
    const used = (await house.events('reset.used')).filter((event) => event.account_id === account);
    expect(used).toHaveLength(round + 1);
    // Ten a day are mailed.
    house.pass(3 * 3_600_000);
  }
}, 600_000);
