/** Taking an account over by its second factors: from a stolen session, by a link, by what was written down somewhere. */
import { pino } from 'pino';
import { afterAll, expect, it } from 'vitest';
import { routes } from '../../src/http/routes/index.ts';
import { log } from '../../src/log.ts';
import { softAuthenticator } from '../support/authenticator.ts';
import { challenged, customer, enrolTotp, generatorOf, redeem } from '../support/customer.ts';
import { fitTestHouse, opened, password } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);

const origin = 'http://localhost:8080';
const rowsOf = async (accountId: string) =>
  JSON.stringify([
    await house.database.sql`select * from totp where account_id = ${accountId}`,
    await house.database.sql`select * from recovery_codes where account_id = ${accountId} order by code_hash`,
    await house.database.sql`select * from passkeys where account_id = ${accountId}`,
    await house.database.sql`select * from challenges where account_id = ${accountId}`,
    await house.database
      .sql`select id, epoch, hash from credentials where account_id = ${accountId} order by id`,
    await house.database
      .sql`select id, token_hash, fresh_at, factor_at, ended_at from sessions where account_id = ${accountId}`,
  ]);

it('a stolen session that is not fresh makes itself no way in that stays', async () => {
  const me = await customer(house);
  house.pass(5 * 60_000);
  const before = await rowsOf(me.id);
  const response = softAuthenticator(origin).create({
    ...{ rp: { name: 'x', id: 'localhost' }, user: { id: 'x', name: 'x', displayName: 'x' } },
    ...{ challenge: 'AAAA', pubKeyCredParams: [] },
  });
  for (const [path, body] of [
    ['/v1/me/totp', undefined],
    ['/v1/me/totp/confirm', { code: '123456' }],
    ['/v1/me/recovery-codes', undefined],
    ['/v1/me/passkeys/options', undefined],
    ['/v1/me/passkeys', { challenge_id: 'cha_x', response, label: 'x' }],
  ] as const) {
    expect([403, 409]).toContain((await me.ask('POST', path, body)).status);
  }
  expect(await rowsOf(me.id)).toBe(before);
});

it('a session from before the second factor is not fresh by its password any more', async () => {
  const me = await customer(house);
  const begun = (await me.ask('POST', '/v1/me/passkeys/options')).body as {
    challenge_id: string;
    options: Parameters<ReturnType<typeof softAuthenticator>['create']>[0];
  };
  await enrolTotp(house, me);
  // Begun under the password alone: the enrolment has ended it.
  const response = softAuthenticator(origin).create(begun.options);
  const body = { challenge_id: begun.challenge_id, response, label: 'x' };
  expect((await me.ask('POST', '/v1/me/passkeys', body)).status).toBe(422);
});

it('the code that confirmed a generator is read off a screen, and opens nothing', async () => {
  const me = await customer(house);
  const { generator } = await enrolTotp(house, me);
  const code = generator.code();
  const { id } = await challenged(house, me.login);
  expect((await redeem(house, { challenge_id: id, kind: 'totp', code })).decision).toBe('deny');
  expect((await house.guess({ store: 'panel', login: me.login, otp: code })).decision).toBe('deny');
  expect((await me.prove({ code })).status).toBe(403);
  house.pass(30_000);
  expect((await house.guess({ store: 'panel', login: me.login, otp: generator.code() })).decision).toBe(
    'allow',
  );
});

it('a link that is followed changes nothing', async () => {
  const me = await customer(house);
  await enrolTotp(house, me);
  await me.ask('POST', '/v1/me/totp');
  const before = await rowsOf(me.id);
  const listed = new Set(routes.filter(({ method }) => method === 'get').map(({ path }) => path));
  for (const { path } of routes.filter((route) => route.path.startsWith('/v1/me/'))) {
    const said = await me.ask('GET', path.replace(/\{\w+\}/, 'x'));
    expect(said.status, path).toBe(listed.has(path) ? said.status : 404);
  }
  expect(await rowsOf(me.id)).toBe(before);
});

it('no secret of a second factor is written to the log, the audit trail, a mail, or in the clear to a row', async () => {
  let written = '';
  log.level = 'trace';
  const stream: object = Reflect.get(log, pino.symbols.streamSym);
  Reflect.set(stream, 'write', (line: string) => {
    written += line;
    return true;
  });
  const me = await customer(house);
  await house.database.sql`update accounts set email = 'owner@customer.test' where id = ${me.id}`;
  const offer = (await me.ask('POST', '/v1/me/totp')).body;
  const generator = generatorOf(house, String(offer.secret));
  const first = generator.code();
  const { recovery_codes } = (await me.ask('POST', '/v1/me/totp/confirm', { code: first })).body;
  const codes = recovery_codes as string[];
  await me.prove({ password, code: codes[0] });
  await me.prove({ code: codes[0] });
  const half = await challenged(house, me.login);
  await redeem(house, { challenge_id: half.id, kind: 'recovery_code', code: codes[1] });
  house.pass(30_000);
  const session = opened(await house.guess({ store: 'panel', login: me.login, otp: generator.code() }));
  await house.database.sql`alter table recovery_codes rename column spent_at to spent_gone`;
  const broken = await challenged(house, me.login).catch(() => half);
  await redeem(house, { challenge_id: broken.id, kind: 'recovery_code', code: codes[2] }).catch(() => {});
  await house.database.sql`alter table recovery_codes rename column spent_gone to spent_at`;
  const tables = ['totp', 'recovery_codes', 'challenges', 'attempts', 'sessions', 'mails', 'audit_events'];
  let rows = '';
  for (const table of tables) {
    const all = await house.database.sql`select t::text as line from ${house.database.sql(table)} t`;
    rows += all.map(({ line }) => String(line)).join('\n');
  }
  const secrets = [String(offer.secret), generator.secret.toString('hex'), half.id, session.token, me.token];
  for (const secret of [...secrets, ...codes.slice(0, 3), ...codes.map((code) => code.replaceAll('-', ''))]) {
    expect(written).not.toContain(secret);
    expect(rows).not.toContain(secret);
  }
});
