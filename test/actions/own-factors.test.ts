/** The customer's own code generator and recovery codes: when they count, what they end, who may change them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { changePolicy } from '../../src/actions/policy.ts';
import { challenged, customer, enrolTotp, generatorOf, redeem } from '../support/customer.ts';
import { admin, fitTestHouse, opened, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);

const denied = { decision: 'deny', reason: 'invalid_credentials' };
const alive = async (token: string) => (await house.request('GET', '/v1/session', { token })).status === 200;
const kindsOf = async (accountId: string) =>
  (await house.events()).filter((event) => event.account_id === accountId).map((event) => event.kind);

describe('a code generator', () => {
  it('counts for nothing until a code of it was shown; then other sessions end and this one goes on', async () => {
    const me = await customer(house);
    const other = await me.open();
    const ftp = opened(await house.guess({ login: me.login, open_session: true }));
    const offer = await me.ask('POST', '/v1/me/totp');
    expect(offer.status).toBe(200);
    expect(offer.body).toMatchObject({ uri: expect.stringContaining(`localhost:${me.login}?secret=`) });
    expect((await house.guess({ store: 'panel', login: me.login })).decision).toBe('allow');
    expect((await me.ask('GET', '/v1/me/factors')).body).toMatchObject({ totp: null, totp_offered: true });
    const wrong = await me.ask('POST', '/v1/me/totp/confirm', { code: '000000' });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'code_rejected' } });
    const generator = generatorOf(house, String(offer.body.secret));
    const confirmed = await me.ask('POST', '/v1/me/totp/confirm', { code: generator.code() });
    expect(confirmed.status).toBe(200);
    expect(confirmed.body.recovery_codes).toHaveLength(10);
    expect([await alive(me.token), await alive(other.token), await alive(ftp.token)]).toEqual([
      ...[true, false, false],
    ]);
    expect((await house.session(ftp.id)).end_reason).toBe('credential_changed');
    expect((await me.ask('GET', '/v1/me/factors')).body).toMatchObject({
      totp: { confirmed_at: expect.any(String) },
      ...{ totp_offered: false, passkeys: [], recovery_codes: { left: 10 } },
    });
    expect(await kindsOf(me.id)).toEqual(
      expect.arrayContaining(['factor.offered', 'factor.added', 'recovery_codes.made']),
    );
  });

  it('is confirmed once, and only when it was offered', async () => {
    const me = await customer(house);
    const confirm = (code: string) => me.ask('POST', '/v1/me/totp/confirm', { code });
    expect((await confirm('123456')).status).toBe(404);
    const { generator } = await enrolTotp(house, me);
    expect((await confirm(generator.code())).status).toBe(404);
    house.pass(30_000);
    expect((await confirm(generator.code())).status).toBe(404);
  });

  it('is a new one each time it is asked for; the one before it is nothing', async () => {
    const me = await customer(house);
    const [first, second] = [await me.ask('POST', '/v1/me/totp'), await me.ask('POST', '/v1/me/totp')];
    expect(second.body.secret).not.toBe(first.body.secret);
    const old = generatorOf(house, String(first.body.secret));
    expect((await me.ask('POST', '/v1/me/totp/confirm', { code: old.code() })).status).toBe(422);
    const told = JSON.stringify([
      await me.ask('GET', '/v1/me/factors'),
      await house.events(),
      await house.database.sql`select * from totp where account_id = ${me.id}`,
    ]);
    for (const { body } of [first, second]) expect(told).not.toContain(String(body.secret));
  });

  it('that works goes on working until its successor is confirmed, and not a moment longer', async () => {
    const me = await customer(house);
    const { generator, recoveryCodes } = await enrolTotp(house, me);
    house.pass(30_000);
    const offer = await me.ask('POST', '/v1/me/totp');
    expect(offer.status).toBe(200);
    const { id } = await challenged(house, me.login);
    const totp = (challenge_id: string, code: string) => redeem(house, { challenge_id, kind: 'totp', code });
    expect((await totp(id, generator.code())).decision).toBe('allow');
    const next = generatorOf(house, String(offer.body.secret));
    const early = await challenged(house, me.login);
    expect(await totp(early.id, next.code())).toEqual(denied);
    house.pass(30_000);
    expect((await me.ask('POST', '/v1/me/totp/confirm', { code: next.code() })).status).toBe(200);
    house.pass(30_000);
    const late = await challenged(house, me.login);
    expect(await totp(late.id, generator.code())).toEqual(denied);
    const [code = ''] = recoveryCodes;
    expect(await redeem(house, { challenge_id: late.id, kind: 'recovery_code', code })).toEqual(denied);
    expect((await totp(late.id, next.code())).decision).toBe('allow');
  });

  it('of 16 confirmations at once, one makes recovery codes', async () => {
    const me = await customer(house);
    const { body } = await me.ask('POST', '/v1/me/totp');
    const code = generatorOf(house, String(body.secret)).code();
    const all = await Promise.all(
      Array.from({ length: 16 }, () => me.ask('POST', '/v1/me/totp/confirm', { code })),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 15 }, () => 404)]);
    expect((await me.ask('GET', '/v1/me/factors')).body).toMatchObject({ recovery_codes: { left: 10 } });
  });

  it('goes with a fresh second factor alone, and takes the recovery codes along', async () => {
    const me = await customer(house);
    expect((await me.ask('DELETE', '/v1/me/totp')).body.code).toBe('second_factor_missing');
    const { recoveryCodes } = await enrolTotp(house, me);
    house.pass(5 * 60_000);
    expect((await me.ask('DELETE', '/v1/me/totp')).body.code).toBe('fresh_authentication_required');
    expect((await me.prove({ code: recoveryCodes[0] })).status).toBe(200);
    const other = await me.open({ otp: recoveryCodes[1] ?? '' });
    expect((await me.ask('DELETE', '/v1/me/totp')).status).toBe(204);
    expect([await alive(me.token), await alive(other.token)]).toEqual([true, false]);
    expect((await me.ask('GET', '/v1/me/factors')).body).toEqual({
      ...{ totp: null, totp_offered: false, passkeys: [], recovery_codes: { left: 0, made_at: null } },
    });
    expect((await house.guess({ store: 'panel', login: me.login })).decision).toBe('allow');
  });

  it('sealed for one account opens in no other', async () => {
    const [me, other] = [await customer(house), await customer(house)];
    const { generator } = await enrolTotp(house, me);
    await enrolTotp(house, other);
    await house.database.sql`
      update totp set sealed_secret = (select sealed_secret from totp where account_id = ${me.id})
       where account_id = ${other.id}`;
    house.pass(30_000);
    const { id } = await challenged(house, other.login);
    await expect(redeem(house, { challenge_id: id, kind: 'totp', code: generator.code() })).rejects.toThrow();
  });
});

describe('recovery codes', () => {
  it('are replaced together: the old ones are worthless with the answer', async () => {
    const me = await customer(house);
    const { recoveryCodes } = await enrolTotp(house, me);
    const renewed = await me.ask('POST', '/v1/me/recovery-codes');
    expect(renewed.status).toBe(200);
    const { id } = await challenged(house, me.login);
    const take = (code: string | undefined) =>
      redeem(house, { challenge_id: id, kind: 'recovery_code', code });
    expect(await take(recoveryCodes[3])).toEqual(denied);
    const [fresh] = renewed.body.recovery_codes as string[];
    expect((await take(fresh)).decision).toBe('allow');
    const rows = await house.database.sql`select * from recovery_codes where account_id = ${me.id}`;
    expect(rows).toHaveLength(10);
    expect(JSON.stringify(rows)).not.toContain(fresh?.slice(0, 4));
  });

  it('need a second factor to stand in for, shown lately', async () => {
    const me = await customer(house);
    expect((await me.ask('POST', '/v1/me/recovery-codes')).body.code).toBe('second_factor_missing');
    await enrolTotp(house, me);
    house.pass(5 * 60_000);
    expect((await me.ask('POST', '/v1/me/recovery-codes')).body.code).toBe('fresh_authentication_required');
  });

  // FACTOR_ROUNDS=200 for the full count.
  const rounds = Number(process.env.FACTOR_ROUNDS ?? 8);
  it(`one of 50 uses of a code at once wins, ${rounds} rounds`, {
    timeout: 60_000 + rounds * 5_000,
  }, async () => {
    const me = await customer(house);
    const generous = { code_failures: 100, code_hard_cap: 100, challenge_tries: 10 };
    value(await changePolicy(house.ctx(admin), { throttle: generous }));
    let codes = (await enrolTotp(house, me)).recoveryCodes;
    for (let round = 0; round < rounds; round++) {
      if (codes.length === 0) codes = await renew();
      const code = codes.pop() ?? '';
      await house.database.sql`delete from attempts`;
      // Challenges enough for all: it is the code that is spent once.
      const halves = await Promise.all(
        Array.from({ length: 9 }, () => challenged(house, me.login, { open_session: false })),
      );
      const all = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          redeem(house, { challenge_id: halves[i % halves.length]?.id, kind: 'recovery_code', code }),
        ),
      );
      expect(all.map(({ decision }) => decision).sort()).toEqual(['allow', ...Array(49).fill('deny')]);
    }
    value(await changePolicy(house.ctx(admin), { throttle: null }));

    async function renew(): Promise<string[]> {
      const said = await me.ask('POST', '/v1/me/recovery-codes');
      return said.body.recovery_codes as string[];
    }
  });
});

describe('who may change second factors', () => {
  it('only a session of the panel: an FTP login is often somebody else’s', async () => {
    const me = await customer(house);
    const ftp = opened(await house.guess({ login: me.login, open_session: true }));
    for (const [method, path, body] of [
      ['POST', '/v1/me/totp'],
      ['POST', '/v1/me/totp/confirm', { code: '1' }],
      ['DELETE', '/v1/me/totp'],
      ['POST', '/v1/me/recovery-codes'],
      ['POST', '/v1/me/passkeys/options'],
      ['GET', '/v1/me/factors'],
      ['GET', '/v1/me/passkeys'],
      ['POST', '/v1/me/reauthenticate', { password: 'x' }],
    ] as const) {
      expect(await me.ask(method, path, body, ftp.token)).toMatchObject({ status: 403 });
    }
    expect(await kindsOf(me.id)).not.toContain('factor.offered');
  });

  it('not a session that was ended while it asked, however far it had come', async () => {
    const me = await customer(house);
    const thief = await me.open();
    const { body } = await me.ask('POST', '/v1/me/totp', undefined, thief.token);
    const code = generatorOf(house, String(body.secret)).code();
    const { taken } = await house.database.sql.begin(async (sql) => {
      await sql`select 1 from accounts where id = ${me.id} for update`;
      // Past the gate, and fresh: it waits for the account alone.
      const asked = me.ask('POST', '/v1/me/totp/confirm', { code }, thief.token);
      await someoneWaits();
      await sql`update sessions set ended_at = now(), end_reason = 'ended' where id = ${thief.id}`;
      return { taken: asked };
    });
    expect((await taken).status).toBe(401);
    expect((await me.ask('GET', '/v1/me/factors')).body).toMatchObject({ totp: null, totp_offered: true });
  });

  async function someoneWaits(): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      const [row] = await house.database.sql<{ waiting: number }[]>`
        select count(*)::int as waiting from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`;
      if ((row?.waiting ?? 0) > 0) return;
      await sleep(10);
    }
    throw new Error('nobody waits for the account');
  }
});

it('a recovery code that is used is told to its owner; few that are left are told with the login', async () => {
  const me = await customer(house);
  await house.database.sql`update accounts set email = 'owner@customer.test' where id = ${me.id}`;
  const { recoveryCodes } = await enrolTotp(house, me);
  const used = async (code: string | undefined) => {
    const { id } = await challenged(house, me.login);
    const answer = await redeem(house, { challenge_id: id, kind: 'recovery_code', code });
    return answer.decision === 'allow' ? answer.notices : answer;
  };
  for (const code of recoveryCodes.slice(0, 6)) expect(await used(code)).toEqual([]);
  expect(await used(recoveryCodes[6])).toMatchObject([
    { kind: 'few_recovery_codes', message: expect.stringMatching(/^3 /) },
  ]);
  for (const code of recoveryCodes.slice(7, 9)) await used(code);
  expect(await used(recoveryCodes[9])).toMatchObject([{ message: expect.stringContaining('No recovery') }]);
  const kinds = await house.database.sql<{ kind: string }[]>`
    select kind from mails where account_id = ${me.id} order by created_at`;
  // No more than five an hour of one kind.
  expect(kinds.map(({ kind }) => kind)).toEqual(['factor_changed', ...Array(5).fill('recovery_code_used')]);
});
