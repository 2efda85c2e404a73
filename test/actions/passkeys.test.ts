/** Passkeys: made by their owner, good at login as second factor and alone, and for nothing that was not asked. */
import { afterAll, describe, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { type RightPasskey, usePasskey } from '../../src/actions/steps/judge-passkey.ts';
import type { CreationOptions, RequestOptions } from '../../src/domain/passkey.ts';
import { passkeyNamed } from '../../src/store/passkeys.ts';
import { type Authenticator, type Lies, softAuthenticator } from '../support/authenticator.ts';
import { type Customer, challenged, customer, enrolTotp, redeem } from '../support/customer.ts';
import { admin, fitTestHouse, opened, panel, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);

const origin = 'http://localhost:8080';
const denied = { decision: 'deny', reason: 'invalid_credentials' };
const key = (await house.client(['authenticate'])).token;

interface Ceremony {
  readonly challenge_id: string;
  readonly options: CreationOptions & RequestOptions;
}
const asking = async (me: Customer, path: string) => (await me.ask('POST', path)).body as unknown as Ceremony;

async function register(me: Customer, device: Authenticator, lies: Lies = {}, label = 'my phone') {
  const { challenge_id, options } = await asking(me, '/v1/me/passkeys/options');
  const response = device.create(options, lies);
  return me.ask('POST', '/v1/me/passkeys', { challenge_id, response, label });
}

async function owner(counts = true): Promise<Customer & { device: Authenticator; passkeyId: string }> {
  const me = await customer(house);
  const device = softAuthenticator(origin, counts);
  const { status, body } = await register(me, device);
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { ...me, device, passkeyId: (body.passkey as { id: string }).id };
}

/** Login by password, then this passkey. */
async function second(login: string, device: Authenticator, lies: Lies = {}, as = panel) {
  const { id, passkey } = await challenged(house, login);
  const response = device.get(passkey as unknown as RequestOptions, lies);
  return redeem(house, { challenge_id: id, kind: 'passkey', response }, as);
}

async function beginAlone(more: object = {}): Promise<Ceremony> {
  const body = { source_ip: '203.0.113.5', ...more };
  const said = await house.request('POST', '/v1/authenticate/passkey/options', { token: key, body });
  expect(said.status).toBe(200);
  return (await said.json()) as Ceremony;
}

const redeemed = async (body: unknown, token = key) => {
  const said = await house.request('POST', '/v1/authenticate/challenge', { token, body });
  return (await said.json()) as {
    decision: string;
    reason?: string;
    session?: { id: string; token: string };
  };
};

async function alone(device: Authenticator, lies: Lies = {}, token = key) {
  const { challenge_id, options } = await beginAlone();
  return redeemed({ challenge_id, kind: 'passkey', response: device.get(options, lies) }, token);
}

const reasons = async (accountId: string | null) =>
  (await house.events('login.refused'))
    .filter((event) => event.account_id === accountId)
    .map(({ detail }) => `${detail?.reason}`);

describe('a passkey', () => {
  it('is registered under a fresh proof; it ends other sessions, and brings recovery codes with it', async () => {
    const me = await customer(house);
    const other = await me.open();
    const { options } = await asking(me, '/v1/me/passkeys/options');
    expect(options).toMatchObject({
      rp: { id: 'localhost' },
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      ...{ attestation: 'none', excludeCredentials: [] },
    });
    expect(options.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-7, -8, -257]);
    expect(Buffer.from(options.challenge, 'base64url')).toHaveLength(32);
    const device = softAuthenticator(origin);
    const made = await register(me, device);
    expect(made).toMatchObject({ status: 201, body: { passkey: { label: 'my phone', last_used_at: null } } });
    expect(made.body.recovery_codes).toHaveLength(10);
    expect((await me.ask('GET', '/v1/session', undefined, other.token)).status).toBe(401);
    expect((await me.ask('GET', '/v1/session')).status).toBe(200);
    const again = await asking(me, '/v1/me/passkeys/options');
    expect(again.options.excludeCredentials).toMatchObject([{ id: device.id, transports: ['internal'] }]);
    house.pass(1);
    const next = await register(me, softAuthenticator(origin), {}, 'my key');
    expect(next).toMatchObject({ status: 201 });
    expect(next.body).not.toHaveProperty('recovery_codes');
    const { items } = (await me.ask('GET', '/v1/me/passkeys')).body as { items: { label: string }[] };
    expect(items.map(({ label }) => label)).toEqual(['my phone', 'my key']);
  });

  it('is the second factor of a login, and the session knows it', async () => {
    const { id, login, device } = await owner();
    const { kinds, passkey } = await challenged(house, login);
    expect(kinds).toEqual(['recovery_code', 'passkey']);
    expect(passkey).toMatchObject({ rpId: 'localhost', userVerification: 'required' });
    expect(passkey?.allowCredentials).toMatchObject([{ id: device.id }]);
    const session = opened(await second(login, device));
    const row = await house.session(session.id);
    expect(row).toMatchObject({ account_id: id, method: 'password+passkey' });
    expect(row.factor_at).not.toBeNull();
  });

  it('alone opens the panel, under the login of its owner', async () => {
    const { id, login, device } = await owner();
    const { options } = await beginAlone();
    expect(options).not.toHaveProperty('allowCredentials');
    const answer = await alone(device);
    expect(answer).toMatchObject({ decision: 'allow', account: { id, login }, login });
    const row = await house.session(answer.session?.id ?? '');
    expect(row).toMatchObject({ method: 'passkey', store: 'panel', source_ip: '203.0.113.5' });
    expect([row.fresh_at, row.factor_at]).not.toContain(null);
  });

  it('shown again, is a fresh proof of both factors', async () => {
    const me = await owner();
    house.pass(6 * 60_000);
    expect((await me.ask('DELETE', `/v1/me/passkeys/${me.passkeyId}`)).status).toBe(403);
    const { challenge_id, options } = await asking(me, '/v1/me/reauthenticate/passkey/options');
    const said = await me.prove({ kind: 'passkey', challenge_id, response: me.device.get(options) });
    expect(said).toMatchObject({ status: 200, body: { factor_fresh_until: expect.any(String) } });
    expect(said.body.fresh_until).toBe(said.body.factor_fresh_until);
    expect((await me.ask('DELETE', `/v1/me/passkeys/${me.passkeyId}`)).status).toBe(204);
    expect((await house.guess({ store: 'panel', login: me.login })).decision).toBe('allow');
    expect(await alone(me.device)).toEqual(denied);
  });

  it('gets another label from its owner alone', async () => {
    const [me, other] = [await owner(), await owner()];
    const at = `/v1/me/passkeys/${me.passkeyId}`;
    expect((await me.ask('PATCH', at, { label: 'blue key' })).body).toMatchObject({ label: 'blue key' });
    expect((await other.ask('PATCH', at, { label: 'mine' })).status).toBe(404);
    expect((await other.ask('DELETE', at)).status).toBe(404);
    expect((await me.ask('PATCH', at, { label: '' })).status).toBe(422);
    expect((await me.ask('GET', '/v1/me/passkeys')).body).toMatchObject({ items: [{ label: 'blue key' }] });
  });

  it('is one of twenty at most', async () => {
    const me = await customer(house);
    for (let i = 0; i < 20; i++) {
      expect((await register(me, softAuthenticator(origin))).status).toBe(201);
    }
    expect(await me.ask('POST', '/v1/me/passkeys/options')).toMatchObject({
      ...{ status: 409, body: { code: 'limit_reached' } },
    });
  });

  it('that does not count its uses is taken as it is', async () => {
    const { login, device } = await owner(false);
    for (let i = 0; i < 3; i++) expect((await second(login, device)).decision).toBe('allow');
  });
});

describe('a registration is refused', () => {
  const rejected = { status: 422, body: { code: 'passkey_rejected' } };

  it.each<[string, Lies]>([
    ['from another origin', { origin: 'https://evil.example' }],
    ['from another port of this host', { origin: 'http://localhost:8081' }],
    ['from an origin that only starts alike', { origin: 'http://localhost:8080.evil.example' }],
    ['for another domain', { rpId: 'evil.example' }],
    ['without user verification', { userVerified: false }],
    ['without anybody present', { userPresent: false }],
    ['for a challenge of its own choice', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of the kind that logs in', { type: 'webauthn.get' }],
    ['from a frame in a foreign page', { crossOrigin: true }],
    ['from a frame in a page that says who it is', { crossOrigin: true, topOrigin: 'https://evil.example' }],
  ])('%s', async (_, lies) => {
    const me = await customer(house);
    expect(await register(me, softAuthenticator(origin), lies)).toMatchObject(rejected);
    expect((await me.ask('GET', '/v1/me/passkeys')).body).toEqual({ items: [] });
  });

  it('a second time with the same challenge, also at once, and after one that failed', async () => {
    const me = await customer(house);
    const { challenge_id, options } = await asking(me, '/v1/me/passkeys/options');
    const all = await Promise.all(
      Array.from({ length: 16 }, () => {
        const response = softAuthenticator(origin).create(options);
        return me.ask('POST', '/v1/me/passkeys', { challenge_id, response, label: 'x' });
      }),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([201, ...Array(15).fill(422)]);
    const next = await asking(me, '/v1/me/passkeys/options');
    const device = softAuthenticator(origin);
    const send = (lies: Lies) =>
      me.ask('POST', '/v1/me/passkeys', {
        challenge_id: next.challenge_id,
        response: device.create(next.options, lies),
        label: 'x',
      });
    expect(await send({ userVerified: false })).toMatchObject(rejected);
    expect(await send({})).toMatchObject(rejected);
  });

  it('after five minutes, for another session, and for a credential that somebody has registered', async () => {
    const [me, other] = [await customer(house), await customer(house)];
    const mine = await me.open();
    const begun = await asking(me, '/v1/me/passkeys/options');
    const device = softAuthenticator(origin);
    const body = { challenge_id: begun.challenge_id, response: device.create(begun.options), label: 'x' };
    expect(await other.ask('POST', '/v1/me/passkeys', body)).toMatchObject(rejected);
    expect(await me.ask('POST', '/v1/me/passkeys', body, mine.token)).toMatchObject(rejected);
    expect((await me.ask('POST', '/v1/me/passkeys', body)).status).toBe(201);
    expect(await register(other, device)).toMatchObject(rejected);
    const late = await asking(other, '/v1/me/passkeys/options');
    house.pass(5 * 60_000);
    await other.prove({ password: 'plain words that nobody guesses' });
    const response = softAuthenticator(origin).create(late.options);
    expect(
      await other.ask('POST', '/v1/me/passkeys', { challenge_id: late.challenge_id, response, label: 'x' }),
    ).toMatchObject(rejected);
  });

  it('without a fresh proof, at either step', async () => {
    const me = await customer(house);
    const begun = await asking(me, '/v1/me/passkeys/options');
    const response = softAuthenticator(origin).create(begun.options);
    house.pass(5 * 60_000);
    const stale = { status: 403, body: { code: 'fresh_authentication_required' } };
    expect(await me.ask('POST', '/v1/me/passkeys/options')).toMatchObject(stale);
    const body = { challenge_id: begun.challenge_id, response, label: 'x' };
    expect(await me.ask('POST', '/v1/me/passkeys', body)).toMatchObject(stale);
  });

  it('not for what the authenticator says of itself: that is put aside unread', async () => {
    const me = await customer(house);
    for (const fmt of ['packed', 'tpm', 'apple', 'android-safetynet', 'fido-u2f', 'made up']) {
      const attStmt = new Map<string, unknown>([['sig', new Uint8Array(8)]]);
      const said = await register(me, softAuthenticator(origin), { attestation: { fmt, attStmt } });
      expect(said.status).toBe(201);
    }
  });
});

describe('a login by passkey is refused', () => {
  it.each<[string, Lies]>([
    ['from another origin', { origin: 'https://evil.example' }],
    ['for another domain', { rpId: 'evil.example' }],
    ['without user verification', { userVerified: false }],
    ['with a signature by another key', { forged: true }],
    ['for a challenge of its own choice', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of the kind that registers', { type: 'webauthn.create' }],
    ['from a frame in a foreign page', { crossOrigin: true }],
    ['that says it is for another account', { userHandle: Buffer.from('acc_other').toString('base64url') }],
  ])('%s', async (_, lies) => {
    const { id, login, device } = await owner();
    expect(await second(login, device, lies)).toEqual(denied);
    expect(await alone(device, lies)).toEqual(denied);
    expect(await reasons(id)).toEqual(['wrong_passkey', 'wrong_passkey']);
    expect((await second(login, device)).decision).toBe('allow');
  });

  it('with the passkey of another account, and with one that nobody registered', async () => {
    const [me, other] = [await owner(), await owner()];
    expect(await second(me.login, other.device)).toEqual(denied);
    const stranger = softAuthenticator(origin);
    expect(await second(me.login, stranger)).toEqual(denied);
    expect(await reasons(me.id)).toEqual(['unknown_passkey', 'unknown_passkey']);
    expect(await alone(stranger)).toEqual(denied);
    expect(await reasons(null)).toContain('unknown_passkey');
  });

  it('a second time with the same challenge, also at once', async () => {
    const { login, device } = await owner(false);
    const { id, passkey } = await challenged(house, login);
    const response = device.get(passkey as unknown as RequestOptions);
    const half = await Promise.all(
      Array.from({ length: 16 }, () => redeem(house, { challenge_id: id, kind: 'passkey', response })),
    );
    expect(half.filter(({ decision }) => decision === 'allow')).toHaveLength(1);
    const begun = await beginAlone();
    const body = {
      ...{ challenge_id: begun.challenge_id, kind: 'passkey' },
      response: device.get(begun.options),
    };
    const whole = await Promise.all(Array.from({ length: 16 }, () => redeemed(body)));
    expect(whole.filter(({ decision }) => decision === 'allow')).toHaveLength(1);
  });

  it('by another caller than the one who began it, and after five minutes', async () => {
    const { login, device } = await owner();
    const other = (await house.client(['authenticate'])).token;
    const { id, passkey } = await challenged(house, login);
    const response = device.get(passkey as unknown as RequestOptions);
    expect(await redeemed({ challenge_id: id, kind: 'passkey', response }, other)).toEqual(denied);
    const begun = await beginAlone();
    const body = { challenge_id: begun.challenge_id, kind: 'passkey', response: device.get(begun.options) };
    expect(await redeemed(body, other)).toEqual(denied);
    house.pass(5 * 60_000);
    expect(await redeemed(body)).toEqual(denied);
  });

  it('with what was signed for something else: a registration, a fresh proof, another challenge', async () => {
    const me = await owner();
    const adding = await asking(me, '/v1/me/passkeys/options');
    const proving = await asking(me, '/v1/me/reauthenticate/passkey/options');
    const begun = await beginAlone();
    const signed = (challenge: string) =>
      me.device.get(begun.options, { challenge }) as Record<string, unknown>;
    for (const { challenge_id, options } of [adding, proving]) {
      const response = signed(options.challenge);
      expect(await redeemed({ challenge_id, kind: 'passkey', response })).toEqual(denied);
    }
    const { id } = await challenged(house, me.login);
    const response = signed(begun.options.challenge);
    expect(await redeem(house, { challenge_id: id, kind: 'passkey', response })).toEqual(denied);
    const crossed = await me.prove({
      ...{ challenge_id: adding.challenge_id, response: signed(adding.options.challenge) },
    });
    expect(crossed).toMatchObject({ status: 403, body: { code: 'proof_rejected' } });
    const device = softAuthenticator(origin);
    const made = device.create({ ...adding.options, challenge: proving.options.challenge });
    const added = { challenge_id: proving.challenge_id, response: made, label: 'x' };
    expect(await me.ask('POST', '/v1/me/passkeys', added)).toMatchObject({ status: 422 });
    const said = await me.prove({ challenge_id: begun.challenge_id, response });
    expect(said).toMatchObject({ status: 403, body: { code: 'proof_rejected' } });
  });

  it('when its count went back: somebody has copied it, and its owner hears of it', async () => {
    const { id, login, device, passkeyId } = await owner();
    expect((await second(login, device, { signCount: 7 })).decision).toBe('allow');
    expect(await second(login, device, { signCount: 7 })).toEqual(denied);
    expect(await alone(device, { signCount: 3 })).toEqual(denied);
    expect(await alone(device, { signCount: 0 })).toEqual(denied);
    // Nobody without the key can raise that alarm.
    expect(await alone(device, { signCount: 1, forged: true })).toEqual(denied);
    const alarms = (await house.events('passkey.cloned')).filter((event) => event.account_id === id);
    expect(alarms.map(({ detail }) => detail?.count)).toEqual([7, 3, 0]);
    expect(alarms[0]?.detail).toMatchObject({ passkey: passkeyId, known_count: 7 });
    expect((await second(login, device, { signCount: 8 })).decision).toBe('allow');
  });

  it('of sixteen uses at once with one count, one; also where nothing else keeps them apart', async () => {
    const { login, device } = await owner();
    const all = await Promise.all(Array.from({ length: 16 }, () => second(login, device, { signCount: 50 })));
    expect(all.filter(({ decision }) => decision === 'allow')).toHaveLength(1);
    const passkey = await passkeyNamed(house.database.drizzle, device.id);
    if (passkey === undefined) throw new Error('no passkey');
    const right: RightPasskey = { ok: true, passkey, use: { signCount: 51, backedUp: false } };
    const ctx = house.ctx(panel);
    const uses = await Promise.all(
      Array.from({ length: 16 }, () =>
        ctx.touch((tx) => usePasskey(tx, ctx, right).then((no) => no ?? 'used')),
      ),
    );
    expect(uses.filter((each) => each === 'used')).toHaveLength(1);
  });

  it('where the account is suspended, has no login of the panel, or came in locked', async () => {
    const me = await owner();
    value(await changeStatus(house.ctx(panel), me.id, { to: 'suspended', level: 'logins', reason: 'x' }));
    expect(await alone(me.device)).toEqual(denied);
    value(await changeStatus(house.ctx(panel), me.id, { to: 'active' }));
    await house.database.sql`
      update credentials set locked_at = now() where account_id = ${me.id} and store = 'panel'`;
    expect(await alone(me.device)).toEqual(denied);
    await house.database.sql`delete from credentials where account_id = ${me.id} and store = 'panel'`;
    expect(await alone(me.device)).toEqual(denied);
    expect(await reasons(me.id)).toEqual([
      ...['account_suspended', 'credential_locked', 'passkey_alone_refused'],
    ]);
  });

  it('alone, where the policy wants the password with it; also when that changed on the way', async () => {
    const { login, device } = await owner();
    const begun = await beginAlone();
    value(await changePolicy(house.ctx(admin), { factors: { passkey_first: false } }));
    const options = { token: key, body: {} };
    expect((await house.request('POST', '/v1/authenticate/passkey/options', options)).status).toBe(403);
    const body = { challenge_id: begun.challenge_id, kind: 'passkey', response: device.get(begun.options) };
    expect(await redeemed(body)).toEqual(denied);
    expect((await second(login, device)).decision).toBe('allow');
    value(await changePolicy(house.ctx(admin), { factors: null }));
    expect((await alone(device)).decision).toBe('allow');
  });

  it('by a key that is bound to a host', async () => {
    const bound = (await house.client(['authenticate', 'agent'], 'h1')).token;
    const options = { token: bound, body: {} };
    expect((await house.request('POST', '/v1/authenticate/passkey/options', options)).status).toBe(403);
  });

  it('not because somebody has used up the budget of codes', async () => {
    const me = await owner();
    await enrolTotp(house, me);
    for (let i = 0; i < 12; i++) {
      const { id } = await challenged(house, me.login);
      await redeem(house, { challenge_id: id, kind: 'totp', code: '000000' });
    }
    const { id } = await challenged(house, me.login);
    expect(await redeem(house, { challenge_id: id, kind: 'totp', code: '000000' })).toMatchObject({
      decision: 'throttled',
    });
    expect((await second(me.login, me.device)).decision).toBe('allow');
  });
});
