/** The customer's own password and address, and what the owner hears by mail. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { fitTestHouse, home, opened, password } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
const next = 'seven herons over the quiet harbour';
let count = 0;
let login = '';
let account = '';
let session = { id: '', token: '' };

beforeEach(async () => {
  login = `me-${++count}`;
  account = await house.account(login, { panel: password, ftp: password });
  await addressOf(house, account, `${login}@example.net`);
  session = opened(await panel());
  await mailsOf(house);
});

const panel = (more: object = {}) => house.guess({ store: 'panel', login, password, ...more });
async function me(method: string, path: string, body: unknown, token = session.token) {
  const response = await house.request(method, `/v1/me/${path}`, { token, body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const change = (more: object = {}) =>
  me('POST', 'password', { current_password: password, new_password: next, ...more });
const live = async (id: string) => (await house.session(id)).ended_at === null;
const client = async () => (await house.client(['authenticate'])).token;

it('a changed password ends every session of its login, this one too; other stores keep theirs', async () => {
  const other = opened(await panel());
  const ftp = opened(await house.guess({ login, open_session: true }));
  expect(await change()).toMatchObject({
    status: 200,
    body: { store: 'panel', login, session_kept: false },
  });
  expect([await live(session.id), await live(other.id), await live(ftp.id)]).toEqual([false, false, true]);
  expect((await panel()).decision).toBe('deny');
  expect((await panel({ password: next })).decision).toBe('allow');
  const [mail] = await mailsOf(house);
  expect(mail).toMatchObject({ to: `${login}@example.net`, subject: `The password of ${login} was changed` });
  expect(mail?.link).toMatch(/^http:\/\/localhost:8080\/secure\?token=/);
});

it('this session stays when that is asked for, and only this one', async () => {
  const other = opened(await panel());
  expect(await change({ keep_this_session: true })).toMatchObject({ body: { session_kept: true } });
  expect([await live(session.id), await live(other.id)]).toEqual([true, false]);
  const check = await house.request('GET', '/v1/session', { token: session.token });
  expect(check.status).toBe(200);
});

it('the current password is asked for, in whatever form it is left out', async () => {
  for (const current_password of [undefined, '', null, [password], { a: 1 }, 7]) {
    expect((await change({ current_password })).status).toBe(422);
  }
  expect(await change({ current_password: 'not the current words' })).toMatchObject({
    status: 403,
    body: { code: 'proof_rejected', errors: [{ path: 'current_password' }] },
  });
  expect(await change({ new_password: 'short' })).toMatchObject({
    status: 422,
    body: { code: 'password_rejected', errors: [{ path: 'new_password' }] },
  });
  expect((await panel()).decision).toBe('allow');
  expect(await live(session.id)).toBe(true);
});

it('ATTACK: a stolen session is no oracle: guesses at the current password are counted like logins', async () => {
  const statuses = [];
  for (let i = 0; i < 30; i++)
    statuses.push((await change({ current_password: `a guess, number ${i}` })).status);
  expect(statuses.filter((status) => status === 403).length).toBeLessThanOrEqual(21);
  expect(statuses).toContain(429);
  expect((await change()).status).toBe(429);
});

it('one of 16 changes at once wins', async () => {
  const news = Array.from({ length: 16 }, (_, i) => `${next}, number ${i}`);
  const answers = await Promise.all(news.map((new_password) => change({ new_password })));
  const won = answers.flatMap(({ status }, i) => (status === 200 ? [news[i]] : []));
  expect(won).toHaveLength(1);
  expect((await panel({ password: won[0] })).decision).toBe('allow');
});

it('what a password would be worth is said without keeping it', async () => {
  expect(await me('POST', 'password/check', { password: next })).toMatchObject({
    status: 200,
    body: { acceptable: true, reasons: [], score: 4 },
  });
  const weak = await me('POST', 'password/check', { password: 'acmehost-2024' });
  expect(weak.body.acceptable).toBe(false);
  expect(weak.body.reasons).toHaveLength(2);
});

it('a new address counts once it is confirmed; the old one hears of it twice', async () => {
  expect(await me('PUT', 'email', { email: 'new@example.org' })).toMatchObject({
    status: 202,
    body: { email: `${login}@example.net`, pending: 'new@example.org' },
  });
  const asked = await mailsOf(house);
  expect(asked.map((mail) => mail.to).sort()).toEqual([`${login}@example.net`, 'new@example.org'].sort());
  const confirm = asked.find((mail) => mail.to === 'new@example.org');
  expect(confirm?.link).toMatch(/\/confirm-email\?token=/);
  const token = await client();
  const use = () =>
    house.request('POST', '/v1/email-confirmations', { token, body: { token: confirm?.token } });
  const uses = await Promise.all(Array.from({ length: 50 }, use));
  expect(uses.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(uses.filter(({ status }) => status === 422)).toHaveLength(49);
  const [row] = await house.database
    .sql`select email, email_confirmed_at from accounts where id = ${account}`;
  expect(row?.email).toBe('new@example.org');
  expect(row?.email_confirmed_at).not.toBeNull();
  const [done] = await mailsOf(house);
  expect(done?.to).toBe(`${login}@example.net`);
});

it('one of 50 parallel confirmations wins, round after round', async () => {
  // 200 rounds are what the promise says; a few of them each time, all with EMAIL_ROUNDS=200.
  const rounds = Number(process.env.EMAIL_ROUNDS ?? 5);
  const token = await client();
  for (let round = 0; round < rounds; round++) {
    // Past the caps of the round before, under a session of today.
    house.pass(25 * 3_600_000);
    session = opened(await panel());
    const address = `round${round}@example.org`;
    expect((await me('PUT', 'email', { email: address })).status).toBe(202);
    const mail = (await mailsOf(house)).find(({ to }) => to === address);
    const use = () =>
      house.request('POST', '/v1/email-confirmations', { token, body: { token: mail?.token } });
    const uses = await Promise.all(Array.from({ length: 50 }, use));
    expect(uses.filter(({ status }) => status === 200)).toHaveLength(1);
  }
}, 600_000);

it('a new address needs a fresh login, and is not asked for without end', async () => {
  house.pass(5 * 60_000 + 1);
  expect(await me('PUT', 'email', { email: 'new@example.org' })).toMatchObject({
    status: 403,
    body: { code: 'fresh_authentication_required' },
  });
  session = opened(await panel());
  const statuses = [];
  for (let i = 0; i < 7; i++)
    statuses.push((await me('PUT', 'email', { email: `n${i}@example.org` })).status);
  expect(statuses).toEqual([202, 202, 202, 202, 202, 429, 429]);
  for (const email of ['a@b.c\r\nBcc: x@y.z', 'a@b.example, c@d.example', 'nobody', '<a@b.example>']) {
    expect((await me('PUT', 'email', { email })).status).toBe(422);
  }
});

it('ATTACK: whoever took the account over and moved its mail away loses both by the notice to the old address', async () => {
  const thief = opened(await panel({ source_ip: '203.0.113.66' }));
  await mailsOf(house);
  await me('PUT', 'email', { email: 'thief@example.org' }, thief.token);
  const confirm = (await mailsOf(house)).find((mail) => mail.to === 'thief@example.org');
  const token = await client();
  await house.request('POST', '/v1/email-confirmations', { token, body: { token: confirm?.token } });
  const notice = (await mailsOf(house)).find((mail) => mail.to === `${login}@example.net`);
  const secured = await house.request('POST', '/v1/account-security', {
    token,
    body: { token: notice?.token },
  });
  expect(await secured.json()).toMatchObject({ reset_mailed: true });
  expect(await live(thief.id)).toBe(false);
  const [reset] = await mailsOf(house);
  expect(reset).toMatchObject({ to: `${login}@example.net`, subject: `A new password for ${login}` });
});

it('ATTACK: a thief who moved the mail on, twice, gets neither the address back nor the owner’s reset', async () => {
  const token = await client();
  const post = (path: string, body: object) => house.request('POST', path, { token, body });
  const thief = opened(await panel({ source_ip: '203.0.113.66' }));
  await mailsOf(house);
  const move = async (email: string) => {
    house.pass(1000);
    await me('PUT', 'email', { email }, thief.token);
    const confirm = (await mailsOf(house)).find((mail) => mail.to === email);
    expect((await post('/v1/email-confirmations', { token: confirm?.token })).status).toBe(200);
    return mailsOf(house);
  };
  const owner = `${login}@example.net`;
  const notice = (await move('thief@example.org')).find((mail) => mail.to === owner);
  const thiefs = (await move('thief-2@example.org')).find((mail) => mail.to === 'thief@example.org');
  // As many resets as there are in an hour, the last one kept for later.
  const resets = [];
  for (let i = 0; i < 4; i++) {
    await post('/v1/password-resets', { login });
    resets.push(...(await mailsOf(house)));
    house.pass(15 * 60_000);
  }
  const kept = resets.at(-1);
  expect(kept?.to).toBe('thief-2@example.org');
  expect((await post('/v1/account-security', { token: notice?.token })).status).toBe(200);
  expect(await mailsOf(house)).toMatchObject([{ to: owner, subject: `A new password for ${login}` }]);
  const confirmed = { token: kept?.token, new_password: next };
  expect((await post('/v1/password-resets/confirm', confirmed)).status).toBe(422);
  expect((await post('/v1/account-security', { token: thiefs?.token })).status).toBe(422);
  expect(await mailsOf(house)).toEqual([]);
});

it('ATTACK: a change of address that was asked for before the password was changed is over with it', async () => {
  const thief = opened(await panel({ source_ip: '203.0.113.68' }));
  await mailsOf(house);
  await me('PUT', 'email', { email: 'thief@example.org' }, thief.token);
  const link = (await mailsOf(house)).find((mail) => mail.to === 'thief@example.org');
  expect((await change()).status).toBe(200);
  const asked = { token: await client(), body: { token: link?.token } };
  expect((await house.request('POST', '/v1/email-confirmations', asked)).status).toBe(422);
});

it('ATTACK: whoever asks for new addresses until no notice goes out cannot change it unseen', async () => {
  const token = await client();
  for (let i = 0; i < 4; i++) await me('PUT', 'email', { email: `n${i}@example.org` });
  await me('PUT', 'email', { email: 'thief@example.org' });
  const confirm = (await mailsOf(house)).find((mail) => mail.to === 'thief@example.org');
  const body = { token: confirm?.token };
  expect((await house.request('POST', '/v1/email-confirmations', { token, body })).status).toBe(200);
  const subject = `The mail address of ${login} was changed`;
  expect(await mailsOf(house)).toMatchObject([{ to: `${login}@example.net`, subject }]);
});

it('ATTACK: a thief who is first to say "not me" does not take the owner’s notice from him', async () => {
  const token = await client();
  const post = (path: string, body: object) => house.request('POST', path, { token, body });
  const first = opened(await panel({ source_ip: '203.0.113.67' }));
  const [read] = await mailsOf(house);
  house.pass(1000);
  const move = async (email: string) => {
    house.pass(1000);
    await me('PUT', 'email', { email }, first.token);
    const confirm = (await mailsOf(house)).find((mail) => mail.to === email);
    await post('/v1/email-confirmations', { token: confirm?.token });
    return mailsOf(house);
  };
  const owner = `${login}@example.net`;
  const notice = (await move('thief@example.org')).find((mail) => mail.to === owner);
  const thiefs = (await move('thief-2@example.org')).find((mail) => mail.to === 'thief@example.org');
  for (const mail of [read, thiefs]) {
    expect((await post('/v1/account-security', { token: mail?.token })).status).toBe(200);
  }
  await mailsOf(house);
  expect((await post('/v1/account-security', { token: notice?.token })).status).toBe(200);
  expect(await mailsOf(house)).toMatchObject([{ to: owner, subject: `A new password for ${login}` }]);
});

it('a login from a new place is told once; the first ever is not, nor one from a known place', async () => {
  const from = (source_ip: string, user_agent?: string) =>
    panel({ source_ip, ...(user_agent && { user_agent }) });
  await from(home);
  expect(await mailsOf(house)).toEqual([]);
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  await from('203.0.113.7', firefox);
  await from('203.0.113.7', firefox);
  const [mail, ...more] = await mailsOf(house);
  expect(more).toEqual([]);
  expect(mail?.subject).toBe(`New login to ${login}`);
  expect(mail?.text.replaceAll('\n', ' ')).toContain('from 203.0.113.7, with Firefox on Linux');
  await panel({ source_ip: '2001:db8:1:2::3', profile: 'public' });
  await panel({ source_ip: '2001:db8:1:2::4', profile: 'public' });
  expect(await mailsOf(house)).toHaveLength(1);
});

it('ATTACK: what a program calls itself is never repeated to the owner', async () => {
  const evil = 'Your account is locked! Call +1 555 0100 or visit https://evil.example now. Firefox';
  await panel({ source_ip: '203.0.113.8', user_agent: evil });
  const [mail] = await mailsOf(house);
  expect(mail?.text).toContain('Firefox');
  expect(mail?.text).not.toMatch(/evil|555|locked/);
});

it('ATTACK: a mailbox is not buried: so many of a kind an hour, and the rest is on record', async () => {
  for (let i = 0; i < 12; i++) await panel({ source_ip: `203.0.113.${100 + i}` });
  expect(await mailsOf(house)).toHaveLength(5);
  const allowed = (await house.events('login.allowed')).filter((event) => event.account_id === account);
  expect(allowed).toHaveLength(13);
});
