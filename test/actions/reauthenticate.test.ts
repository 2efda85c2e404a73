/** Fresh proofs: what they open for five minutes, what a wrong one costs, and the token that they renew. */
import { afterAll, describe, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { challenged, customer, enrolTotp, redeem } from '../support/customer.ts';
import { fitTestHouse, opened, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);

const at = '/v1/me/reauthenticate';
const minutes = 60_000;
const stale = { status: 403, body: { code: 'fresh_authentication_required' } };
const wrong = { status: 403, body: { code: 'proof_rejected' } };

describe('a fresh proof', () => {
  it('is the login itself, for five minutes; then the password opens five more', async () => {
    const me = await customer(house);
    house.pass(5 * minutes - 1);
    expect((await me.ask('POST', '/v1/me/totp')).status).toBe(200);
    house.pass(1);
    expect(await me.ask('POST', '/v1/me/totp')).toMatchObject(stale);
    const said = await me.prove({ password });
    const until = new Date(house.now() + 5 * minutes).toISOString();
    expect(said).toMatchObject({ status: 200, body: { fresh_until: until, factor_fresh_until: null } });
    expect((await me.ask('POST', '/v1/me/totp')).status).toBe(200);
    house.pass(5 * minutes);
    expect(await me.ask('POST', '/v1/me/totp')).toMatchObject(stale);
    const events = (await house.events('session.reauthenticated')).filter(
      (event) => event.session_id === me.sessionId,
    );
    expect(events.map(({ detail }) => detail)).toEqual([{ methods: ['password'] }]);
  });

  it('of the password alone is none where the account has a second factor', async () => {
    const me = await customer(house);
    const { generator } = await enrolTotp(house, me);
    house.pass(5 * minutes);
    expect((await me.prove({ password })).status).toBe(200);
    for (const [method, path] of [
      ['POST', '/v1/me/totp'],
      ['DELETE', '/v1/me/totp'],
      ['POST', '/v1/me/recovery-codes'],
      ['POST', '/v1/me/passkeys/options'],
    ] as const) {
      expect(await me.ask(method, path)).toMatchObject(stale);
    }
    const both = await me.prove({ password, kind: 'totp', code: generator.code() });
    expect(both).toMatchObject({ status: 200, body: { fresh_until: expect.any(String) } });
    expect(both.body.factor_fresh_until).toBe(both.body.fresh_until);
    expect((await me.ask('DELETE', '/v1/me/totp')).status).toBe(204);
  });

  it('renews the token: the old one is dead with the answer, the session goes on', async () => {
    const me = await customer(house);
    const old = me.token;
    expect((await me.prove({ password })).status).toBe(200);
    expect(me.token).not.toBe(old);
    expect((await me.ask('GET', '/v1/session', undefined, old)).status).toBe(401);
    expect((await me.ask('GET', '/v1/session')).body).toMatchObject({ session: { id: me.sessionId } });
    const rows = JSON.stringify(await house.database.sql`select * from sessions where id = ${me.sessionId}`);
    expect(rows).not.toContain(me.token.slice(4));
  });

  it('comes to a browser as its cookie, not where scripts can read it', async () => {
    const me = await customer(house);
    for (const [name, secure] of [
      ['__Host-gatehouse', ' Secure;'],
      ['gatehouse', ''],
    ] as const) {
      const headers = { cookie: `${name}=${me.token}`, origin: 'http://localhost' };
      const said = await house.request('POST', at, { headers, body: { password } });
      expect(said.status).toBe(200);
      const [cookie = ''] = said.headers.getSetCookie();
      const [, token = ''] = /^[\w-]+=(ghs_[\w-]{43});/.exec(cookie) ?? [];
      expect(cookie).toBe(`${name}=${token}; Path=/;${secure} HttpOnly; SameSite=Strict`);
      expect(await said.json()).not.toHaveProperty('token');
      expect((await me.ask('GET', '/v1/session')).status).toBe(401);
      me.token = token;
      expect((await me.ask('GET', '/v1/session')).status).toBe(200);
    }
  });

  it('given ten times at once with one token, renews it once', async () => {
    const me = await customer(house);
    await house.database
      .sql`update policy set overrides = '{"throttle.challenge_tries":10}', version = version + 1`;
    const all = await Promise.all(Array.from({ length: 10 }, () => me.ask('POST', at, { password })));
    const good = all.filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    for (const { status } of all) expect([200, 401]).toContain(status);
    me.token = String(good[0]?.body.token);
    expect((await me.ask('GET', '/v1/session')).status).toBe(200);
    await house.database.sql`update policy set overrides = '{}', version = version + 1`;
  });

  it('does not come from a code that has been used: not at login, not here', async () => {
    const me = await customer(house);
    const { generator } = await enrolTotp(house, me);
    const code = generator.code();
    expect(await me.prove({ code })).toMatchObject(wrong);
    const { id } = await challenged(house, me.login);
    expect(await redeem(house, { challenge_id: id, kind: 'totp', code })).toMatchObject({ decision: 'deny' });
    house.pass(30_000);
    expect((await me.prove({ code: generator.code() })).status).toBe(200);
    expect(await me.prove({ code: generator.code() })).toMatchObject(wrong);
  });

  it('of 50 tries at once with one code, is one at the most', async () => {
    const me = await customer(house);
    const { generator } = await enrolTotp(house, me);
    house.pass(30_000);
    const code = generator.code();
    const all = await Promise.all(Array.from({ length: 50 }, () => me.ask('POST', at, { code })));
    expect(all.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    const spent = await house.events('session.reauthenticated');
    expect(spent.filter((event) => event.session_id === me.sessionId).length).toBeLessThanOrEqual(1);
  });
});

describe('a wrong proof', () => {
  it('answers one sentence for whatever was wrong, and the fifth in a row ends the session', async () => {
    const me = await customer(house);
    const { generator } = await enrolTotp(house, me);
    house.pass(30_000);
    const tries = [
      { password: 'wrong' },
      { password, code: '000000' },
      { password: 'wrong', code: generator.code() },
      { kind: 'recovery_code', code: 'AAAA-AAAA-AAAA-AAAA-AAAA-AAAA' },
    ];
    const texts = new Set<unknown>();
    for (const proofs of tries) {
      const said = await me.prove(proofs);
      expect(said).toMatchObject(wrong);
      texts.add(said.body.detail);
      expect((await me.ask('GET', '/v1/session')).status).toBe(200);
    }
    expect(texts.size).toBe(1);
    expect(await me.prove({ password: 'wrong again' })).toMatchObject(wrong);
    expect((await me.ask('GET', '/v1/session')).status).toBe(401);
    expect((await house.session(me.sessionId)).end_reason).toBe('ended');
    const refused = (await house.events('session.proof_refused')).filter(
      (event) => event.session_id === me.sessionId,
    );
    expect(refused.map(({ detail }) => detail?.reason)).toEqual([
      ...['wrong_password', 'wrong_code', 'wrong_password', 'wrong_code', 'wrong_password'],
    ]);
    expect(JSON.stringify(refused)).not.toContain('wrong again');
  });

  it('changes nothing: not the token, not what is fresh', async () => {
    const me = await customer(house);
    const { generator } = await enrolTotp(house, me);
    house.pass(6 * minutes);
    // The password is right; together with a wrong code it proves nothing.
    expect(await me.prove({ password, code: '000000' })).toMatchObject(wrong);
    expect(await me.ask('POST', '/v1/me/totp')).toMatchObject(stale);
    expect((await house.session(me.sessionId)).fresh_at).not.toBe(new Date(house.now()).toISOString());
    // And a code that came with a wrong password is not spent.
    expect(await me.prove({ password: 'wrong', code: generator.code() })).toMatchObject(wrong);
    expect((await me.prove({ password, code: generator.code() })).status).toBe(200);
  });

  it('a right one in between starts the count afresh', async () => {
    const me = await customer(house);
    for (let i = 0; i < 4; i++) {
      expect([403, 429]).toContain((await me.prove({ password: `wrong ${i}` })).status);
    }
    house.pass(2 * minutes);
    expect((await me.prove({ password })).status).toBe(200);
    for (let i = 0; i < 2; i++) await me.prove({ password: `wrong ${i}` });
    expect((await me.ask('GET', '/v1/session')).status).toBe(200);
  });

  it('40 at once from a stolen session: five are judged, and it is over', async () => {
    const me = await customer(house);
    await house.hashesSince();
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, i) => me.ask('POST', at, { password: `guess ${i}` })),
    );
    for (const { status } of all) expect([401, 403, 429]).toContain(status);
    expect(await house.hashesSince()).toBeLessThanOrEqual(5);
    expect((await me.ask('GET', '/v1/session')).status).toBe(401);
  });

  it('counts as a guess at the login: the two are no two budgets', async () => {
    const me = await customer(house);
    const [, second] = [await me.open(), await me.open()];
    for (const [token, guess] of [
      [me.token, 'a'],
      [me.token, 'b'],
      [second.token, 'c'],
      [second.token, 'd'],
    ] as const) {
      await me.ask('POST', at, { password: `guess ${guess}` }, token);
    }
    expect((await house.guess({ store: 'panel', login: me.login })).decision).toBe('throttled');
  });

  it('is the password of another store', async () => {
    const me = await customer(house);
    const other = await house.account(`${me.login}x`, { panel: `${password} panel`, ftp: password });
    expect(other).toMatch(/^acc_/);
    const session = opened(
      await house.guess({ store: 'panel', login: `${me.login}x`, password: `${password} panel` }),
    );
    expect(await me.ask('POST', at, { password }, session.token)).toMatchObject(wrong);
  });
});

describe('the door', () => {
  it('says what is missing, and takes nothing that is not asked', async () => {
    const me = await customer(house);
    for (const body of [
      {},
      { kind: 'totp' },
      { kind: 'passkey' },
      { kind: 'passkey', challenge_id: 'x' },
      { kind: 'sms', code: '123456' },
      { kind: 'email', code: '123456' },
      { challenge_id: 'x' },
      { password, challenge_id: 'x' },
      { kind: 'passkey', code: '123456' },
      { password, no_such_field: 1 },
    ]) {
      expect(await me.ask('POST', at, body)).toMatchObject({ status: 422 });
    }
    expect((await me.ask('GET', '/v1/session')).status).toBe(200);
  });

  it('is shut to a session whose account was suspended while it asked', async () => {
    const me = await customer(house);
    const [said] = await Promise.all([
      me.ask('POST', at, { password }),
      changeStatus(house.ctx(panel), me.id, { to: 'suspended', level: 'all', reason: 'x' }).then(value),
    ]);
    if (said.status === 200)
      expect((await me.ask('GET', '/v1/session', undefined, String(said.body.token))).status).toBe(401);
    else expect([401, 403]).toContain(said.status);
  });
});
