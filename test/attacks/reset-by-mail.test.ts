/** Whoever does not read the owner's mail gets nothing from a reset, and whoever does gets no further than the password. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fitTestHouse, password } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
let token = '';
beforeAll(async () => {
  ({ token } = await house.client(['authenticate']));
  for (let i = 0; i < 20; i++) {
    await addressOf(house, await house.account(`known-${i}`, { panel: password }), `known-${i}@example.net`);
  }
});

async function ask(body: object, headers: Record<string, string> = {}) {
  const begun = performance.now();
  const response = await house.request('POST', '/v1/password-resets', { token, body, headers });
  const ms = performance.now() - begun;
  const shown = Object.fromEntries(response.headers);
  delete shown['x-request-id'];
  return { seen: { status: response.status, headers: shown, text: await response.text() }, ms };
}

const median = (of: number[]) => [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;

it('400 pairs of known and unknown names: the same bytes, the same time', async () => {
  const times = { known: [] as number[], unknown: [] as number[] };
  const first = (await ask({ login: 'known-0' })).seen;
  for (let i = 0; i < 400; i++) {
    const source_ip = `198.51.${i % 100}.${(i * 7) % 250}`;
    const pair = [
      ['known', i % 2 === 0 ? { login: `known-${i % 20}` } : { email: `known-${i % 20}@example.net` }],
      ['unknown', i % 2 === 0 ? { login: `no-one-${i % 20}` } : { email: `no-one-${i % 20}@example.net` }],
    ] as const;
    // Whoever is asked first pays for what the other left cold.
    for (const [who, name] of i % 4 < 2 ? [...pair].reverse() : pair) {
      const { seen, ms } = await ask({ ...name, source_ip });
      expect(seen).toEqual(first);
      times[who].push(ms);
    }
  }
  // By pairs: what else the machine does falls on both of a pair.
  const apart = median(times.known.map((ms, i) => ms - (times.unknown[i] ?? 0)));
  expect(Math.abs(apart) / median(times.unknown)).toBeLessThan(0.05);
});

it('the answer to a flood, to nonsense and beyond every cap is the same', async () => {
  const first = (await ask({ login: 'known-1', source_ip: '203.0.113.5' })).seen;
  const names = ['known-1', 'nobody', '\u0000', '../..', "' or 1=1 --", '\ud800', 'x'.repeat(255)];
  for (let i = 0; i < 230; i++) {
    const { seen } = await ask({ login: names[i % names.length] ?? '', source_ip: '203.0.113.5' });
    expect(seen).toEqual(first);
  }
  const [row] = await house.database.sql<{ count: number }[]>`
    select count(*)::int as count from reset_requests where source = '203.0.113.5/32'`;
  expect(row?.count).toBe(200);
  // Not one more than the twenty that a source may ask for, all of which were for names with a cap of their own.
  expect(
    (await mailsOf(house)).filter((mail) => mail.text.includes('203.0.113.5')).length,
  ).toBeLessThanOrEqual(3);
});

it('links are of the configured origin, whatever Host and its kin say', async () => {
  house.pass(25 * 3_600_000);
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    forwarded: 'host=evil.example;proto=https',
    'x-original-url': '/evil',
    origin: 'https://evil.example',
  };
  await ask({ login: 'known-2' }, headers);
  const [mail] = await mailsOf(house);
  expect(mail?.link).toMatch(/^http:\/\/localhost:8080\/reset\?token=/);
  expect(mail?.text).not.toContain('evil');
});

it('a letter reaches the address of the account alone, by whatever name it was asked for', async () => {
  for (const email of [
    'known-3@example.net,eve@example.com',
    'known-3@example.net\r\nBcc: eve@example.com',
    'Known <known-3@example.net>',
    'known-3@example.net\u0000@example.com',
    ' known-3@example.net ',
  ]) {
    await ask({ email });
  }
  expect((await mailsOf(house)).map((mail) => mail.to)).toEqual(['known-3@example.net']);
});

it('what is stored of a link opens nothing, and the way out is sealed', async () => {
  await ask({ login: 'known-4' });
  const { judgeResets } = await import('../../src/actions/judge-resets.ts');
  await judgeResets(house.ctx({ kind: 'system' }));
  const { sql } = house.database;
  const [before] = await sql<
    { sealed: Buffer }[]
  >`select sealed from mails where kind = 'reset' and sent_at is null`;
  const rows = JSON.stringify([
    await sql`select * from mailed_tokens`,
    await sql`select * from reset_requests`,
  ]);
  const [mail] = await mailsOf(house);
  expect(mail?.token).toMatch(/^[\w-]{43}$/);
  expect(before?.sealed.includes(mail?.token ?? 'x')).toBe(false);
  expect(rows).not.toContain(mail?.token);
  const [after] = await sql<{ n: number }[]>`select count(*)::int as n from mails where sealed is not null`;
  expect(after?.n).toBe(0);
  const events = JSON.stringify(await house.events());
  expect(events).not.toContain(mail?.token);
});

it('a reset neither opens a session nor removes or skips a second factor, nor gives new tries at its codes', async () => {
  const { sql } = house.database;
  const [account] = await sql<{ id: string }[]>`select id from accounts where login = 'known-5'`;
  const id = account?.id ?? '';
  await sql`insert into totp (account_id, sealed_secret, confirmed_at, created_at) values (${id}, '\\x00', now(), now())`;
  await sql`insert into recovery_codes (code_hash, account_id, created_at) values ('\\x01', ${id}, now())`;
  await sql`insert into attempts (key, failures, digests, touched_at) values (${`codes:${id}`}, 7, '{}', now())`;
  await ask({ login: 'known-5' });
  const [mail] = await mailsOf(house);
  expect(mail?.text.replaceAll('\n', ' ')).toMatch(/Your second factor stays as it is/);
  const body = { token: mail?.token, new_password: 'twelve herons, at dusk' };
  const done = await house.request('POST', '/v1/password-resets/confirm', { token, body });
  expect(done.status).toBe(200);
  const answer = (await done.json()) as object;
  expect(answer).toEqual({ login: 'known-5', store: 'panel', second_factor: true, sessions_ended: 0 });
  const login = { store: 'panel', login: 'known-5', password: body.new_password } as const;
  expect((await house.guess(login)).decision).toBe('challenge');
  const [kept] = await sql<{ t: number; r: number; c: number }[]>`select
    (select count(*)::int from totp where account_id = ${id}) as t,
    (select count(*)::int from recovery_codes where account_id = ${id} and spent_at is null) as r,
    (select failures from attempts where key = ${`codes:${id}`}) as c`;
  expect(kept).toEqual({ t: 1, r: 1, c: 7 });
  const live = await sql`select 1 from sessions where account_id = ${id} and ended_at is null`;
  expect(live).toHaveLength(0);
});
