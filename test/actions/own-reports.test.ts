/** What customers report: judged like a gateway's messages, flagged once, answered with what to do, and kept without secrets. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { followFlags } from '../../src/actions/follow-flags.ts';
import { sweepOldReports } from '../../src/actions/tend-flags.ts';
import { type Customer, customer, settledCustomer } from '../support/customer.ts';
import { gatewayOf, phish } from '../support/gateway.ts';
import { fitTestHouse, home, password } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
const gateway = await gatewayOf(house);
const staff = await house.operator('support');
const panelKey = await house.client(['authenticate']);
const { sql } = house.database;
afterAll(house.close);

beforeEach(async () => {
  await sql`delete from reports`;
  await sql`delete from messages`;
  await sql`delete from account_effects`;
  await sql`delete from flags`;
});

const stranger = '192.0.2.77';
const report = (me: Customer, body: Record<string, unknown>) =>
  me.ask('POST', '/v1/me/reports', { medium: 'email', ...body });
const flags = () =>
  sql<{ id: string; count: number; account_id: string | null }[]>`select id, count, account_id from flags`;
const detail = async (id: string) => {
  const answer = await house.request('GET', `/v1/flags/${id}`, { token: staff.token });
  return (await answer.json()) as Record<string, unknown>;
};
const resolve = async (id: string, state: string) => {
  const body = { state, note: 'seen' };
  expect((await house.request('POST', `/v1/flags/${id}/resolve`, { token: staff.token, body })).status).toBe(
    200,
  );
  await followFlags(house.ctx({ kind: 'system' }));
};
const scan = async (parts: Record<string, unknown>) => (await gateway.scan(parts)).body;
const from = async (login: string, source_ip: string) =>
  (await house.guess({ login, source_ip, open_session: false })).decision;

/** Everything that the database holds, as text. */
async function everything(): Promise<string> {
  const tables = await sql<{ name: string }[]>`select format('%I', tablename) as name from pg_tables
    where schemaname = 'public'`;
  const texts = await Promise.all(
    tables.map(({ name }) =>
      sql.unsafe(`select coalesce(string_agg(t::text, '\n'), '') as text from ${name} t`),
    ),
  );
  return texts.map(([row]) => String(row?.text)).join('\n');
}

describe('a report', () => {
  it('of a request: flagged with its evidence, told what to do, and listed with what the staff says', async () => {
    const me = await customer(house);
    const { status, body } = await report(me, { text: phish, from: 'desk@evil.example' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...{ report_id: expect.stringMatching(/^rep_/), verdict: 'password_request', solicited: false },
      next: [{ path: '/v1/me/password' }, { path: '/v1/me/sessions/end' }],
    });
    expect(body.advice).toMatch(
      /attempt to get at your password\. We never ask for your password.*Do not answer it/,
    );
    const [flag] = await flags();
    expect(flag).toMatchObject({ count: 1, account_id: me.id });
    expect(await detail(flag?.id ?? '')).toMatchObject({
      messages: [{ origin: 'report', account_id: me.id, sender_domain: 'evil.example' }],
      reports: [{ id: body.report_id, account_id: me.id, answered: false }],
    });
    expect((await house.events('report.made')).at(-1)).toMatchObject({
      ...{ account_id: me.id, session_id: me.sessionId, actor_kind: 'session', actor_id: me.sessionId },
      detail: { id: body.report_id, verdict: 'password_request', answered: false, flag: flag?.id },
    });
    const mine = () => me.ask('GET', '/v1/me/reports');
    expect((await mine()).body.items).toMatchObject([{ id: body.report_id, state: 'open' }]);
    await resolve(flag?.id ?? '', 'confirmed');
    expect((await mine()).body.items).toMatchObject([{ state: 'confirmed' }]);
    expect((await mine()).body).not.toHaveProperty('note');
  });

  it('of a call, in words of one’s own; the same words in a scanned ticket are a story', async () => {
    const me = await customer(house);
    const text = 'A man called me, said he was from your company and wanted my password to repair the mail.';
    expect((await report(me, { medium: 'call', text })).body).toMatchObject({
      ...{ verdict: 'password_request', advice: expect.stringContaining('hang up and call us') },
    });
    expect((await scan({ medium: 'ticket', text })).verdict).toBe('clear');
  });

  it('of an ordinary message: clear, no flag, nothing to do', async () => {
    const me = await customer(house);
    const { body } = await report(me, {
      text: 'Your invoice for January is attached. Thank you for your business.',
    });
    expect(body).toMatchObject({
      verdict: 'clear',
      next: [],
      advice: expect.stringMatching(/^We see no request/),
    });
    expect(await flags()).toEqual([]);
    expect((await me.ask('GET', '/v1/me/reports')).body.items).toMatchObject([
      { verdict: 'clear', state: null },
    ]);
    expect(await sql`select redacted from messages`).toEqual([{ redacted: null }]);
  });

  it('of a mail of ours: says so; of the same mail to somebody who asked for nothing: an attempt', async () => {
    const [me, other] = [await settledCustomer(house), await settledCustomer(house)];
    me.token = (await me.open()).token;
    await addressOf(house, me.id, `${me.login}@customer.example`);
    await mailsOf(house);
    const ask = { token: panelKey.token, body: { login: me.login } };
    await house.request('POST', '/v1/password-resets', ask);
    const [letter] = await mailsOf(house);
    const { subject, text } = letter ?? { subject: '', text: '' };
    expect((await report(me, { subject, text })).body).toMatchObject({
      ...{ solicited: true, next: [], advice: expect.stringMatching(/^This is from us/) },
    });
    expect((await report(other, { subject, text })).body).toMatchObject({
      ...{ verdict: 'password_request', solicited: false },
    });
    // What was reported opens nothing for whoever reads it here.
    const token = /token=([\w-]{43})/.exec(text)?.[1] ?? 'no token';
    expect(await everything()).not.toContain(token);
  });

  it('is the owner’s to make: not of a session of another store, a client, an operator', async () => {
    const me = await customer(house);
    const ftp = await house.guess({ login: me.login, store: 'ftp', open_session: true });
    const token = ftp.decision === 'allow' ? (ftp.session?.token ?? '') : '';
    for (const each of [token, gateway.token, staff.token]) {
      expect((await me.ask('POST', '/v1/me/reports', { medium: 'sms', text: 'x' }, each)).status).toBe(403);
      expect((await me.ask('GET', '/v1/me/reports', undefined, each)).status).toBe(403);
    }
    const stranger = await customer(house);
    await report(me, { text: phish });
    expect((await stranger.ask('GET', '/v1/me/reports')).body.items).toEqual([]);
  });
});

it('ATTACK: no secret that stands in a report is in the database afterwards, nor in what operators see', async () => {
  const me = await customer(house);
  const planted = [
    'Xk9#vQ2!pLm4',
    'hunter2-Sommer',
    '493817',
    'K7WQ-99TZ-1PLM',
    'https://evil.example/l/9f8Secret7',
  ];
  const texts = [
    `${phish} My password is ${planted[0]} and I sent it.`,
    `They asked me for my password.\nI told them: ${planted[1]}\nThen for the code, ${planted[2]}.`,
    `Verify your account at ${planted[4]} or by the recovery code ${planted[3]}. Reply with your password.`,
  ];
  for (const [n, text] of texts.entries()) {
    const medium = (['email', 'call', 'sms'] as const)[n];
    const { status, body } = await report(me, {
      medium,
      text,
      subject: `about ${planted[0]}`,
      answered: true,
    });
    expect(status).toBe(201);
    expect(JSON.stringify(body)).not.toContain(planted[n]);
  }
  expect((await flags()).length).toBeGreaterThan(0);
  const held = await everything();
  const shown = JSON.stringify(await Promise.all((await flags()).map(({ id }) => detail(id))));
  for (const secret of planted) {
    expect(held).not.toContain(secret);
    expect(shown).not.toContain(secret);
  }
  expect(held).not.toContain('9f8Secret7');
  // The search would find it.
  expect(held).toContain(me.login);
});

describe('the same message', () => {
  it('RACE: sixteen reports of it at once by four customers are one flag that counts sixteen', async () => {
    const people = await Promise.all([0, 1, 2, 3].map(() => customer(house)));
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => report(people[n % 4] as Customer, { text: phish })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(201));
    expect(await flags()).toMatchObject([{ count: 16, account_id: null }]);
    expect(await sql`select 1 from reports`).toHaveLength(16);
    expect(
      new Set((await house.events('report.made')).slice(-16).map(({ account_id }) => account_id)).size,
    ).toBe(4);
  });

  it('RACE: reports, scans and the operator’s word at once: none fails, and each message stands for one flag', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => customer(house)));
    await report(people[0] as Customer, { text: phish });
    const [first] = await flags();
    const answers = await Promise.all([
      ...people.map((me) => report(me, { text: phish, answered: true }).then(({ status }) => status)),
      ...people.map((me) => scan({ text: phish, account_login: me.login }).then(({ flagged }) => flagged)),
      ...[0, 1, 2, 3].map(async () => {
        const path = `/v1/flags/${first?.id}/resolve`;
        const body = { state: 'confirmed', note: 'seen' };
        return (await house.request('POST', path, { token: staff.token, body })).status;
      }),
    ]);
    expect(answers.slice(0, 6)).toEqual(Array(6).fill(201));
    expect(answers.slice(6, 12)).toEqual(Array(6).fill(true));
    expect(answers.slice(12).sort()).toEqual([200, 409, 409, 409]);
    const rows = await sql<{ state: string; count: number; kept: number }[]>`
      select state, count, (select count(*)::int from messages where flag_id = f.id) as kept from flags f`;
    expect(rows.length).toBeLessThanOrEqual(2);
    for (const { count, kept } of rows) expect(count).toBe(kept);
    expect(rows.reduce((sum, { kept }) => sum + kept, 0)).toBe(13);
    // Whoever had it by then is kept from strangers by the operator's word, all others by their own.
    const held = await sql`select distinct account_id from account_effects where effect = 'second_factor'`;
    expect(held).toHaveLength(6);
  });

  it('of three words, which leave no sketch, is one flag too', async () => {
    const me = await customer(house);
    await Promise.all(
      Array.from({ length: 4 }, () =>
        report(me, { medium: 'sms', text: 'Password now please!', answered: true }),
      ),
    );
    expect(await flags()).toMatchObject([{ count: 4 }]);
  });

  it('at other customers is in the detail of its flag, also what was judged milder there', async () => {
    const [me, other, third] = [await customer(house), await customer(house), await customer(house)];
    const story = (name: string) =>
      `Hello ${name}, the plans for the new garden are ready. Have a look when you find the time, and tell me what you think of the roses.`;
    expect(await scan({ text: story('Berta'), account_login: other.login })).toMatchObject({
      flagged: false,
    });
    await scan({
      text: 'Lunch at noon, as always, behind the old mill by the river?',
      account_login: third.login,
    });
    await report(me, { text: story('Carla'), answered: true });
    const [flag] = await flags();
    expect(await detail(flag?.id ?? '')).toMatchObject({
      accounts_total: 1,
      near: [{ account_id: other.id, verdict: 'clear', solicited: false, flag_id: null, origin: 'scan' }],
    });
    const seen = await house.request('GET', `/v1/flags/${flag?.id}`, { token: gateway.token });
    expect(await seen.json()).toMatchObject({ near: [], messages: [{ text: null }] });
  });
});

describe('who answered', () => {
  it('is kept from strangers at once, also of what seemed harmless; the flag says so', async () => {
    const me = await settledCustomer(house);
    expect(await from(me.login, home)).toBe('allow');
    expect(await from(me.login, stranger)).toBe('allow');
    await sql`delete from known_sources where prefix like '192.0.2.%'`;
    const { body } = await report(me, {
      medium: 'call',
      text: 'Somebody rang about my site and was very kind.',
      answered: true,
    });
    expect(body.advice).toMatch(
      /^Change your password now.*nobody gets in by it alone from where you were never seen/,
    );
    expect(body.next).toHaveLength(2);
    expect(await from(me.login, stranger)).toBe('deny');
    expect(await from(me.login, home)).toBe('allow');
    const [flag] = await flags();
    expect(await detail(flag?.id ?? '')).toMatchObject({
      summary: expect.stringContaining('was answered by a customer'),
      reports: [{ answered: true }],
      effects: [{ account_id: me.id, effect: 'second_factor' }],
    });
    expect((await house.events('account.at_risk')).at(-1)).toMatchObject({
      ...{ account_id: me.id, detail: { because: 'report', flag: flag?.id } },
    });
    await resolve(flag?.id ?? '', 'dismissed');
    expect(await from(me.login, '192.0.2.78')).toBe('allow');
  });

  it('is free of it with a new password; and what an operator confirmed is not undone by another flag’s dismissal', async () => {
    const me = await settledCustomer(house);
    await report(me, { text: phish });
    const [first] = await flags();
    await resolve(first?.id ?? '', 'confirmed');
    await report(me, {
      medium: 'sms',
      text: 'Send us the PIN of your account right now, or it will be closed for good.',
      answered: true,
    });
    const second = (await flags()).find(({ id }) => id !== first?.id);
    await resolve(second?.id ?? '', 'dismissed');
    expect(await from(me.login, stranger)).toBe('deny');
    house.pass(1000);
    const next = `${password} anew`;
    const staffKey = await house.client(['accounts']);
    await house.request('PUT', `/v1/accounts/${me.id}/credentials/ftp`, {
      token: staffKey.token,
      body: { password: next },
    });
    expect(
      (await house.guess({ login: me.login, password: next, source_ip: '192.0.2.79', open_session: false }))
        .decision,
    ).toBe('allow');
  });
});

describe('how many', () => {
  it('RACE: of sixteen at once by somebody with eighteen, two are taken; tomorrow there is room again', async () => {
    const me = await customer(house);
    for (let n = 0; n < 18; n++)
      expect((await report(me, { medium: 'sms', text: 'Nothing much' })).status).toBe(201);
    const before = (await house.events('report.made')).length;
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => me.ask('POST', '/v1/me/reports', { medium: 'email', text: phish })),
    );
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(14);
    expect(await sql`select 1 from reports`).toHaveLength(20);
    expect(await sql`select 1 from messages`).toHaveLength(20);
    expect(await flags()).toMatchObject([{ count: 2 }]);
    expect((await house.events('report.made')).length).toBe(before + 2);
    const refused = await house.request('POST', '/v1/me/reports', {
      token: me.token,
      body: { medium: 'sms', text: 'x' },
    });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBe(86_400);
    expect(await refused.json()).toMatchObject({
      code: 'too_many',
      detail: expect.stringMatching(/^20 reports within a day/),
    });
    house.pass(86_400_000);
    me.token = (await me.open()).token;
    expect((await report(me, { text: 'x' })).status).toBe(201);
  });

  it('they are forgotten with the days that flagged messages are kept', async () => {
    const me = await customer(house);
    await report(me, { text: phish });
    const system = () => house.ctx({ kind: 'system' });
    house.pass(30 * 86_400_000);
    await sweepOldReports(system());
    expect(await sql`select 1 from reports`).toHaveLength(1);
    house.pass(1);
    await sweepOldReports(system());
    expect(await sql`select 1 from reports`).toEqual([]);
  });
});

describe('ATTACK: a harmless copy reported and dismissed first', () => {
  const letter = (link: string) =>
    `Dear customer, the webmail was moved to a new server last night. Please log in at ${link} within 24 hours and confirm your mailbox, so that no mail is lost. Your support team.`;

  it('does not hide the copy that leads elsewhere', async () => {
    const [me, victim] = [await customer(house), await customer(house)];
    await report(me, { text: letter('http://localhost/'), from: 'support@host.test', answered: true });
    const [first] = await flags();
    await resolve(first?.id ?? '', 'dismissed');
    const evil = await scan({
      text: letter('http://203.0.113.5/login'),
      from: 'support@host.test',
      account_login: victim.login,
    });
    expect(evil).toMatchObject({ verdict: 'password_request', flagged: true });
    const copy = await scan({ text: letter('http://203.0.113.5/login'), from: 'support@host.test' });
    expect(copy.flag_id).toBe(evil.flag_id);
  });
});
