/** A login with a second factor: half of it opens nothing, each code opens once, and what changed meanwhile counts. */
import { afterAll, describe, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import type { Principal } from '../../src/actions/context.ts';
import { setCredential } from '../../src/actions/credentials.ts';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { explainLogin } from '../../src/actions/explain.ts';
import { redeemChallenge } from '../../src/actions/redeem-challenge.ts';
import { codeKindOf } from '../../src/actions/steps/judge-code.ts';

import type { AuthenticateAnswer, EndRequest } from '../../src/protocol/api.ts';
import { type Generator, giveRecoveryCodes, giveTotp } from '../support/factors.ts';
import { admin, fitTestHouse, type Guess, home, opened, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
const staff = await house.operator('admin');
afterAll(house.close);

const denied = { decision: 'deny', reason: 'invalid_credentials' };
let count = 0;

async function owner(): Promise<{ id: string; login: string; generator: Generator }> {
  count += 1;
  const login = `owner${count}`;
  const id = await house.account(login, { panel: password, ftp: password, ssh: password });
  return { id, login, generator: await giveTotp(house, id) };
}

const atPanel = (login: string, more: Partial<Guess> = {}) => house.guess({ store: 'panel', login, ...more });

async function half(login: string, more: Partial<Guess> = {}): Promise<string> {
  const answer = await atPanel(login, more);
  if (answer.decision !== 'challenge') throw new Error(`no challenge: ${JSON.stringify(answer)}`);
  return answer.challenge.id;
}

async function redeem(id: string, code: string, as: Principal = panel): Promise<AuthenticateAnswer> {
  return value(await redeemChallenge(house.ctx(as), { challenge_id: id, kind: codeKindOf(code), code }));
}

const reasonsOf = async (accountId: string) =>
  (await house.events('login.refused'))
    .filter((event) => event.account_id === accountId)
    .map((event) => event.detail?.reason);

describe('the panel', () => {
  it('answers a right password with a challenge that opens nothing, and a code opens the door', async () => {
    const { id, login, generator } = await owner();
    const answer = await atPanel(login);
    expect(answer).toMatchObject({ decision: 'challenge', challenge: { kinds: ['totp'] } });
    expect(await house.database.sql`select 1 from sessions where account_id = ${id}`).toHaveLength(0);
    if (answer.decision !== 'challenge') return;
    const session = opened(await redeem(answer.challenge.id, generator.code()));
    expect(await house.session(session.id)).toMatchObject({ method: 'password+totp', channel: 'panel' });
    expect((await house.session(session.id)).factor_at).not.toBeNull();
  });

  it('takes password and code at once', async () => {
    const { login, generator } = await owner();
    expect((await atPanel(login, { otp: generator.code() })).decision).toBe('allow');
    expect(await atPanel(login, { otp: generator.code() })).toEqual(denied);
    const [code = ''] = await giveRecoveryCodes(house, (await owner()).id);
    expect(await atPanel(login, { otp: code })).toEqual(denied);
  });

  it('says nothing of the factor to somebody without the password', async () => {
    const { login, generator } = await owner();
    const wrong = { password: 'not the right words at all' };
    expect(await atPanel(login, wrong)).toEqual(denied);
    expect(await atPanel(login, { ...wrong, otp: generator.code() })).toEqual(denied);
    expect(await atPanel('nobody at all', { otp: generator.code() })).toEqual(denied);
    // The code was not even looked at: it still works.
    expect((await atPanel(login, { otp: generator.code() })).decision).toBe('allow');
  });

  it('takes a recovery code once, in any spelling', async () => {
    const { id, login } = await owner();
    const [code = ''] = await giveRecoveryCodes(house, id);
    const sloppy = code.toLowerCase().replaceAll('-', ' ');
    expect((await redeem(await half(login), sloppy)).decision).toBe('allow');
    expect(await redeem(await half(login), code)).toEqual(denied);
  });
});

describe('a challenge', () => {
  it('takes a code of now and of the step before, and none of two before or one to come', async () => {
    const { login, generator } = await owner();
    house.pass(300_000);
    expect(await redeem(await half(login), generator.code(-2))).toEqual(denied);
    expect(await redeem(await half(login), generator.code(1))).toEqual(denied);
    expect((await redeem(await half(login), generator.code(-1))).decision).toBe('allow');
    expect(await redeem(await half(login), generator.code(-1))).toEqual(denied);
    expect((await redeem(await half(login), generator.code())).decision).toBe('allow');
  });

  it('50 tries at once with one code, on challenges of their own, let one in', async () => {
    const { login, generator } = await owner();
    const ids: string[] = [];
    for (let i = 0; i < 50; i++) ids.push(await half(login));
    const answers = await Promise.all(ids.map((id) => redeem(id, generator.code())));
    expect(answers.filter((answer) => answer.decision === 'allow')).toHaveLength(1);
  });

  it('is redeemed once, also by 20 different codes at once', async () => {
    const { id, login } = await owner();
    await house.database
      .sql`update policy set overrides = '{"throttle.code_failures": 100, "throttle.challenge_tries": 10}'`;
    const codes = await giveRecoveryCodes(house, id, 20);
    const challenge = await half(login);
    const answers = await Promise.all(codes.map((code) => redeem(challenge, code)));
    expect(answers.filter((answer) => answer.decision === 'allow')).toHaveLength(1);
    const spent = await house.database
      .sql`select 1 from recovery_codes where account_id = ${id} and spent_at is not null`;
    expect(spent).toHaveLength(1);
    await house.database.sql`update policy set overrides = '{}'`;
  });

  it('takes five tries; the sixth is refused with the right code', async () => {
    const { id, login, generator } = await owner();
    const challenge = await half(login);
    for (let i = 0; i < 5; i++) expect(await redeem(challenge, '000000')).toEqual(denied);
    expect(await redeem(challenge, generator.code())).toEqual(denied);
    expect((await reasonsOf(id)).at(-1)).toBe('challenge_over');
  });

  it('100 challenges do not multiply the guesses', async () => {
    const { login, generator } = await owner();
    const wrong = [...Array(100).keys()].map((at) => String(100_000 + at));
    const answers = [];
    for (const code of wrong.filter((each) => each !== generator.code())) {
      answers.push(await redeem(await half(login), code));
    }
    expect(answers.filter((answer) => answer.decision === 'deny')).toHaveLength(10);
    expect(await redeem(await half(login), generator.code())).toMatchObject({ decision: 'throttled' });
    house.pass(900_000);
    expect((await redeem(await half(login), generator.code())).decision).toBe('allow');
  });

  it('40 guesses at once on 40 challenges get ten judged', async () => {
    const { id, login } = await owner();
    const ids: string[] = [];
    for (let i = 0; i < 40; i++) ids.push(await half(login));
    const answers = await Promise.all(ids.map((each, at) => redeem(each, String(200_000 + at))));
    expect(answers.filter((answer) => answer.decision === 'throttled')).toHaveLength(30);
    expect((await reasonsOf(id)).filter((reason) => reason === 'wrong_code')).toHaveLength(10);
  });

  it('fifty wrong codes in a row end it for good, until the password is another', async () => {
    const { id, login, generator } = await owner();
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 10; i++) await redeem(await half(login), '000000');
      house.pass(900_000);
    }
    expect(await redeem(await half(login), generator.code())).toMatchObject({
      decision: 'throttled',
      retry_after_seconds: 3600,
    });
    const next = `${password} two`;
    value(await setCredential(house.ctx(panel), id, 'panel', { password: next }));
    house.pass(30_000);
    expect((await redeem(await half(login, { password: next }), generator.code())).decision).toBe('allow');
  });

  it('is over after five minutes', async () => {
    const { login, generator } = await owner();
    const challenge = await half(login);
    house.pass(300_000);
    expect(await redeem(challenge, generator.code())).toEqual(denied);
    expect((await redeem(await half(login), generator.code())).decision).toBe('allow');
  });

  it("is nobody else's to redeem", async () => {
    const { login, generator } = await owner();
    const challenge = await half(login);
    const another: Principal = {
      kind: 'client',
      client: { id: 'cli_other', name: 'other', scopes: ['authenticate'], host: null },
    };
    expect(await redeem(challenge, generator.code(), another)).toEqual(denied);
    expect((await redeem(challenge, generator.code())).decision).toBe('allow');
  });

  it.each([
    [
      'the password was changed',
      (id: string) => setCredential(house.ctx(panel), id, 'panel', { password: `${password} two` }),
    ],
    [
      'the account was suspended',
      (id: string) =>
        changeStatus(house.ctx(panel), id, { to: 'suspended', level: 'logins', reason: 'unpaid' }),
    ],
    [
      'the hash was changed by plain SQL',
      (id: string) => house.database.sql`update credentials set hash = hash || 'x' where account_id = ${id}`,
    ],
    [
      'the generator was replaced by plain SQL',
      (id: string) =>
        house.database
          .sql`update totp set sealed_secret = sealed_secret || 'x'::bytea where account_id = ${id}`,
    ],
    [
      'the credential was deleted',
      (id: string) => house.database.sql`delete from credentials where account_id = ${id}`,
    ],
  ])('is dead once %s', async (_what, change) => {
    const { id, login, generator } = await owner();
    const challenge = await half(login);
    await change(id);
    expect(await redeem(challenge, generator.code())).toEqual(denied);
    expect(await house.database.sql`select 1 from sessions where account_id = ${id}`).toHaveLength(0);
  });

  it.each<[string, (login: string, id: string) => EndRequest['select']]>([
    ['the account', (_login, id) => ({ account_id: id })],
    ['the login', (login) => ({ login, store: 'panel' })],
    ['the store', () => ({ store: 'panel' })],
    ['the channel', () => ({ channel: 'panel' })],
    ['the source', () => ({ source: '198.51.100.0/24' })],
    ['the host', () => ({ host: 'cp1' })],
    ['whatever began before', () => ({ opened_before: new Date(house.now() + 1).toISOString() })],
    ['everybody', () => ({ all: true })],
  ])('is over with a logoff of %s', async (_whom, select) => {
    const { id, login, generator } = await owner();
    const challenge = await half(login, { host: 'cp1' });
    value(await endSessions(house.ctx(admin), { select: select(login, id), reason: 'test', dry_run: false }));
    expect(await redeem(challenge, generator.code())).toEqual(denied);
    expect((await redeem(await half(login), generator.code())).decision).toBe('allow');
  });

  it.each<[string, (other: string) => EndRequest['select']]>([
    ['another account', (other) => ({ account_id: other })],
    ['another login', () => ({ login: 'somebody', store: 'panel' })],
    ['another store', () => ({ store: 'ftp' })],
    ['another channel', () => ({ channel: 'ftp' })],
    ['another source', () => ({ source: '203.0.113.0/24' })],
    ['another host', () => ({ host: 'cp2' })],
  ])('goes on after a logoff of %s', async (_whom, select) => {
    const { login, generator } = await owner();
    const other = await owner();
    const challenge = await half(login, { host: 'cp1' });
    value(await endSessions(house.ctx(admin), { select: select(other.id), reason: 'test', dry_run: false }));
    expect((await redeem(challenge, generator.code())).decision).toBe('allow');
  });

  it('redeemed while its account is logged off leaves no session, 16 times', async () => {
    for (let round = 0; round < 16; round++) {
      const { id, login, generator } = await owner();
      const challenge = await half(login);
      const select = round % 2 === 0 ? { account_id: id } : { store: 'panel' as const };
      await Promise.all([
        redeem(challenge, generator.code()),
        endSessions(house.ctx(admin), { select, reason: 'test', dry_run: false }),
      ]);
      const live = await house.request('GET', `/v1/sessions?live=true&login=${login}`, {
        token: staff.token,
      });
      expect(((await live.json()) as { items: unknown[] }).items).toEqual([]);
    }
  });

  it('that is dead spends no code', async () => {
    const { id, login } = await owner();
    const [code = ''] = await giveRecoveryCodes(house, id);
    const challenge = await half(login);
    value(await setCredential(house.ctx(panel), id, 'panel', { password: `${password} two` }));
    expect(await redeem(challenge, code)).toEqual(denied);
    const spent = await house.database
      .sql`select 1 from recovery_codes where account_id = ${id} and spent_at is not null`;
    expect(spent).toHaveLength(0);
  });
});

describe('a door that cannot ask', () => {
  it('refuses the password alone, says so, and takes password and code in one field', async () => {
    const { id, login, generator } = await owner();
    const refused = { decision: 'deny', reason: 'second_factor_required' };
    expect(await house.guess({ login })).toEqual(refused);
    expect(await reasonsOf(id)).toEqual(['second_factor_required']);
    expect((await house.guess({ login, password: `${password}${generator.code()}` })).decision).toBe('allow');
    // Once.
    expect((await house.guess({ login, password: `${password}${generator.code()}` })).decision).toBe('deny');
    house.pass(30_000);
    expect((await house.guess({ login, password: `${password} ${generator.code()}` })).decision).toBe(
      'allow',
    );
  });

  it('asks where the caller says that it can', async () => {
    const { login } = await owner();
    const answer = await house.guess({ store: 'ssh', login, can_ask: true });
    expect(answer.decision).toBe('challenge');
    expect((await atPanel(login, { can_ask: false })).decision).toBe('deny');
  });

  it('computes as many hashes for a name that is not there, also where a code may stand behind', async () => {
    const { login } = await owner();
    await house.account('unfactored', { ftp: password });
    const cost = async (who: string, tried: string) => {
      await house.hashesSince();
      await house.guess({ login: who, password: tried, source_ip: '203.0.113.50' });
      return house.hashesSince();
    };
    const tried = ['wrong words without digits', 'wrong words with 123456', 'other wrong words123456'];
    for (const each of tried) {
      const costs = [await cost(login, each), await cost('unfactored', each), await cost('nobody', each)];
      expect(new Set(costs).size).toBe(1);
      expect(costs[0]).toBe(/\d{6}$/.test(each) ? 2 : 1);
    }
  });

  it('a password that itself ends in six digits goes on as one', async () => {
    const login = 'digits';
    await house.account(login, { ftp: `${password} 482913` });
    await house.hashesSince();
    expect((await house.guess({ login, password: `${password} 482913` })).decision).toBe('allow');
    expect(await house.hashesSince()).toBe(1);
  });
});

it('a right password without the factor does not make a place the owner’s', async () => {
  const { id, login, generator } = await owner();
  const known = () => house.database.sql`
    select prefix from known_sources k join credentials c on c.id = k.credential_id where c.account_id = ${id}`;
  const challenge = await half(login, { source_ip: '203.0.113.77' });
  await house.guess({ login, source_ip: '203.0.113.77' });
  expect(await known()).toHaveLength(0);
  await redeem(challenge, generator.code());
  expect((await known()).map((row) => row.prefix)).toEqual(['203.0.113.77/32']);
});

it('the support desk sees what the right password leaves to be shown, and a login that is locked', async () => {
  const { id, login } = await owner();
  const explained = async (store: 'panel' | 'ftp') => {
    const asked = { store, login, source_ip: home };
    const { decision, checks } = value(await explainLogin(house.ctx(panel), id, asked));
    const said = (name: string) => checks.find((check) => check.name === name);
    return { decision, factor: said('second_factor')?.ok, credential: said('credential') };
  };
  expect(await explained('panel')).toMatchObject({ decision: 'would_judge', factor: true });
  expect(await explained('ftp')).toMatchObject({ decision: 'deny', factor: false });
  const until = new Date(house.now() + 3_600_000).toISOString();
  await house.database.sql`
    insert into grants (id, account_id, store, source_ip, session_id, created_at, expires_at)
    values ('grt_explained', ${id}, 'ftp', ${home}, 'ses_x', now(), ${until})`;
  expect(await explained('ftp')).toMatchObject({ decision: 'would_judge', factor: true });
  await house.database.sql`update credentials set locked_at = now() where account_id = ${id}`;
  expect(await explained('panel')).toMatchObject({
    decision: 'deny',
    credential: { ok: false, detail: expect.stringContaining('locked') },
  });
});
