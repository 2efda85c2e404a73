/** The staff takes a second factor away: with a reason, told to the owner, and never together with a password. */
import { afterAll, describe, expect, it } from 'vitest';
import { setCredential } from '../../src/actions/credentials.ts';
import { removeFactors } from '../../src/actions/remove-factors.ts';
import { softAuthenticator } from '../support/authenticator.ts';
import { type Customer, challenged, customer, enrolTotp, redeem } from '../support/customer.ts';
import { admin, fitTestHouse, panel, password } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);

const day = 24 * 3_600_000;
const next = `${password}, changed`;
const support = (await house.operator('support')).token;
const separated = { status: 409, body: { code: 'recovery_separation' } };

/** Somebody with a generator, whose password was set long ago. */
async function owner(): Promise<Customer> {
  const me = await customer(house);
  await enrolTotp(house, me);
  house.pass(day);
  return me;
}

const remove = (id: string, body: object = { reason: 'phone lost, passport seen' }, token = support) =>
  house.request('POST', `/v1/accounts/${id}/factors/remove`, { token, body }).then(async (said) => ({
    status: said.status,
    body: (await said.json()) as Record<string, unknown>,
  }));
const setPassword = (id: string, token = support) =>
  house
    .request('PUT', `/v1/accounts/${id}/credentials/panel`, { token, body: { password: next } })
    .then(async (said) => ({ status: said.status, body: await said.json() }));

describe('the staff', () => {
  it('removes what was lost, on record, and ends what is open', async () => {
    const me = await owner();
    await me.open({ otp: '' }).catch(() => {});
    const half = await challenged(house, me.login);
    const said = await remove(me.id);
    expect(said).toMatchObject({
      ...{ status: 200, body: { removed: { totp: true, passkeys: 0, recovery_codes: 10 } } },
    });
    expect(said.body.factors).toMatchObject({ totp: null, passkeys: [], recovery_codes: { left: 0 } });
    expect((await house.session(me.sessionId)).end_reason).toMatch(/credential_changed|idle|absolute/);
    expect((await house.guess({ store: 'panel', login: me.login })).decision).toBe('allow');
    const code = '123456';
    expect(await redeem(house, { challenge_id: half.id, kind: 'totp', code })).toMatchObject({
      decision: 'deny',
    });
    const events = (await house.events('factor.removed')).filter((event) => event.account_id === me.id);
    expect(events).toMatchObject([
      { actor_kind: 'operator', detail: { kind: 'totp', by: 'staff', reason: 'phone lost, passport seen' } },
      { detail: { kind: 'recovery_codes' } },
    ]);
    expect(await remove(me.id)).toMatchObject({ status: 404 });
  });

  it('takes one kind and leaves another, and the recovery codes with that', async () => {
    const me = await customer(house);
    await enrolTotp(house, me);
    const begun = (await me.ask('POST', '/v1/me/passkeys/options')).body as {
      challenge_id: string;
      options: Parameters<ReturnType<typeof softAuthenticator>['create']>[0];
    };
    const response = softAuthenticator('http://localhost:8080').create(begun.options);
    const body = { challenge_id: begun.challenge_id, response, label: 'x' };
    expect((await me.ask('POST', '/v1/me/passkeys', body)).status).toBe(201);
    house.pass(day);
    expect(await remove(me.id, { kinds: ['totp'], reason: 'x' })).toMatchObject({
      body: {
        removed: { totp: true, passkeys: 0, recovery_codes: 0 },
        factors: { recovery_codes: { left: 10 } },
      },
    });
    expect((await challenged(house, me.login)).kinds).toEqual(['recovery_code', 'passkey']);
    const list = await house.request('GET', `/v1/accounts/${me.id}/factors`, { token: support });
    expect(await list.json()).toMatchObject({ totp: null, passkeys: [{ label: 'x' }] });
  });

  it('needs a reason, and the role; a panel’s key and an auditor may not', async () => {
    const me = await owner();
    for (const body of [{}, { reason: '' }, { reason: 'x', kinds: [] }, { reason: 'x', kinds: ['sms'] }]) {
      expect((await remove(me.id, body)).status).toBe(422);
    }
    const key = (await house.client(['accounts', 'authenticate', 'sessions'])).token;
    const auditor = (await house.operator('auditor')).token;
    for (const token of [key, auditor]) expect((await remove(me.id, undefined, token)).status).toBe(403);
    expect((await challenged(house, me.login)).kinds).toContain('totp');
    expect((await remove('acc_nobody')).status).toBe(404);
  });
});

describe('the two halves of a recovery', () => {
  it('a password waits a day for a factor that was removed', async () => {
    const me = await owner();
    expect((await remove(me.id)).status).toBe(200);
    for (const token of [support, (await house.client(['accounts'])).token]) {
      expect(await setPassword(me.id, token)).toMatchObject(separated);
    }
    house.pass(day - 1);
    expect(await setPassword(me.id)).toMatchObject(separated);
    house.pass(1);
    expect((await setPassword(me.id)).status).toBe(200);
  });

  it('a factor waits a day for a password that was set', async () => {
    const me = await owner();
    expect((await setPassword(me.id)).status).toBe(200);
    const said = await remove(me.id);
    expect(said).toMatchObject(separated);
    expect(said.body.detail).toContain(new Date(house.now() + day).toISOString());
    expect((await challenged(house, me.login, { password: next })).kinds).toContain('totp');
    house.pass(day);
    expect((await remove(me.id)).status).toBe(200);
  });

  it('ATTACK: an SSH key made by the staff is no way around: it waits for the factor, and the factor for it', async () => {
    const blob = (random: Buffer) =>
      Buffer.concat([
        Buffer.from([0, 0, 0, 11]),
        Buffer.from('ssh-ed25519'),
        Buffer.from([0, 0, 0, 32]),
        random,
      ]);
    const addKey = async (id: string) => {
      const body = {
        key: `ssh-ed25519 ${blob(house.house.world.random(32)).toString('base64')}`,
        label: 'x',
      };
      const said = await house.request('POST', `/v1/accounts/${id}/ssh-keys`, { token: support, body });
      return { status: said.status, body: await said.json() };
    };
    const me = await owner();
    expect((await remove(me.id)).status).toBe(200);
    expect(await addKey(me.id)).toMatchObject(separated);
    house.pass(day);
    expect((await addKey(me.id)).status).toBe(201);
    const other = await owner();
    expect((await addKey(other.id)).status).toBe(201);
    expect(await remove(other.id)).toMatchObject(separated);
    house.pass(day);
    expect((await remove(other.id)).status).toBe(200);
  });

  it('what the customer does himself holds nobody up', async () => {
    const me = await customer(house);
    await enrolTotp(house, me);
    expect((await me.ask('DELETE', '/v1/me/totp')).status).toBe(204);
    expect((await setPassword(me.id)).status).toBe(200);
  });

  it('16 at once of both: never both', async () => {
    // A hash is taken as it is: both are ready at the same time.
    const hash = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
    const done = { passwords: 0, factors: 0 };
    for (let round = 0; round < 10; round++) {
      const me = await owner();
      const all = await Promise.all(
        Array.from({ length: 16 }, (_, i) => {
          const ctx = house.ctx(i % 3 === 0 ? panel : admin);
          return i % 2 === 0
            ? setCredential(ctx, me.id, 'panel', { hash }).then(({ ok }) => ok && 'password')
            : removeFactors(house.ctx(admin), me.id, { reason: 'x' }).then(({ ok }) => ok && 'factor');
        }),
      );
      const kinds = new Set(all.filter((each) => each !== false));
      expect(kinds.size).toBe(1);
      done[kinds.has('factor') ? 'factors' : 'passwords'] += 1;
      const [row] = await house.database.sql<{ enrolled: boolean }[]>`
        select exists (select 1 from totp where account_id = ${me.id}) as enrolled`;
      expect(row?.enrolled).toBe(kinds.has('password'));
    }
    expect(done.passwords + done.factors).toBe(10);
  });
});
