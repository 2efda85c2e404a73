/** Promise 12: many logins with one password cost one hash; a verdict dies with the epoch it was given for. */
import { afterAll, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { authenticate } from '../../src/actions/authenticate.ts';
import { enter } from '../../src/actions/context.ts';
import { setCredential } from '../../src/actions/credentials.ts';
import { HashingBusy } from '../../src/hashing/admission.ts';
import type { Hashing } from '../../src/hashing/pool.ts';
import { authenticateRequest } from '../../src/protocol/api.ts';
import { fitTestHouse, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);

it('30 parallel right FTP logins cost one hash, and after a change the old password fails at once', async () => {
  const account = await house.account('anna');
  await house.hashesSince();
  const answers = await Promise.all(Array.from({ length: 30 }, () => house.guess({ login: 'anna' })));
  expect(answers.map((answer) => answer.decision)).toEqual(Array(30).fill('allow'));
  expect(await house.hashesSince()).toBe(1);
  expect(await house.events('login.allowed')).toHaveLength(30);
  value(await setCredential(house.ctx(panel), account, 'ftp', { password: `${password} two` }));
  expect(await house.guess({ login: 'anna' })).toEqual({ decision: 'deny', reason: 'invalid_credentials' });
  expect(await house.hashesSince()).toBe(1);
  expect((await house.guess({ login: 'anna', password: `${password} two` })).decision).toBe('allow');
});

it('a change on one node ends what another node had verified', async () => {
  const account = await house.account('berta');
  const other = house.node();
  expect((await other.guess({ login: 'berta' })).decision).toBe('allow');
  value(await setCredential(house.ctx(panel), account, 'ftp', { password: `${password} two` }));
  expect((await other.guess({ login: 'berta' })).decision).toBe('deny');
});

it('a hash that was changed behind our back, by plain SQL, ends what was verified', async () => {
  await house.account('carla');
  await house.account('dora', { ftp: `${password} two` });
  expect((await house.guess({ login: 'carla' })).decision).toBe('allow');
  await house.database.sql`update credentials set hash = (select hash from credentials where login = 'dora')
    where login = 'carla'`;
  expect((await house.guess({ login: 'carla' })).decision).toBe('deny');
});

it('a suspended account is refused at once, whatever was verified before', async () => {
  const account = await house.account('emil');
  expect((await house.guess({ login: 'emil' })).decision).toBe('allow');
  value(
    await changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'logins', reason: 'unpaid' }),
  );
  expect(await house.guess({ login: 'emil' })).toEqual({ decision: 'deny', reason: 'invalid_credentials' });
  const [event] = (await house.events('login.refused')).filter((each) => each.account_id === account);
  expect(event?.detail?.reason).toBe('account_suspended');
});

it('a right password counts for nothing against its owner', async () => {
  await house.account('fritz');
  for (let i = 0; i < 20; i++) expect((await house.guess({ login: 'fritz' })).decision).toBe('allow');
  const rows = await house.database.sql`select key, failures from attempts where key like '%fritz%'`;
  expect(rows.map((row) => row.failures)).toEqual(rows.map(() => 0));
});

it('one old password, tried all day, counts once and locks nobody', async () => {
  await house.account('gerd');
  for (let i = 0; i < 50; i++) {
    expect((await house.guess({ login: 'gerd', password: 'an old password' })).decision).toBe('deny');
    house.pass(10_000);
  }
  expect((await house.guess({ login: 'gerd' })).decision).toBe('allow');
  const [row] = await house.database.sql`select failures from attempts where key = 'name:gerd'`;
  expect(row?.failures).toBe(1);
});

const booked = () => house.database.sql<{ failures: number; kept: number }[]>`
  select failures, cardinality(digests) as kept from attempts where key like '%hans%' or key like 'source:192.0.2.3/%'`;

/** The same house with another pool of hashes. */
function judgedBy(hashing: Partial<Hashing>, login: string, guess = 'a guess') {
  const parts = { ...house.house, hashing: { ...house.house.hashing, ...hashing } };
  const input = { store: 'ftp', login, password: guess, source_ip: '192.0.2.3' };
  return authenticate(enter(parts, panel, 'req'), authenticateRequest.parse(input));
}

it('a fault leaves the guess counted: whoever can cause one must not guess for nothing', async () => {
  await house.account('hans');
  const verify = () => Promise.reject(new Error('a fault'));
  await expect(judgedBy({ verify }, 'hans')).rejects.toThrow('a fault');
  for (const row of await booked()) expect(row).toEqual({ failures: 1, kept: 1 });
  await house.database.sql`delete from attempts`;
});

it('a full queue is no decision, for every name alike, and counts nothing', async () => {
  const busy = () => Promise.reject(new HashingBusy(2500));
  for (const login of ['hans', 'hans-who-is-not-there']) {
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => judgedBy({ verify: busy, decoy: busy }, login, `guess ${i}`)),
    );
    for (const answer of answers) {
      if (answer.ok) expect(answer.value.decision).toBe('throttled');
      else expect(answer.refusal).toEqual({ refused: 'busy', retryAfterSeconds: 3 });
    }
  }
  for (const row of await booked()) expect(row).toEqual({ failures: 0, kept: 0 });
});

it('a right password with an old hash is let in when there is no time for a better one', async () => {
  await house.account('ida');
  const create = () => Promise.reject(new HashingBusy(2500));
  const verify = async () => ({ ok: true, outdated: true });
  const answer = await judgedBy({ create, verify }, 'ida', password);
  expect(answer).toMatchObject({ ok: true, value: { decision: 'allow' } });
});

it('a short password from another system still opens, and its owner is asked for a longer one', async () => {
  const account = await house.account('zita');
  const short = { hash: '$1$q/AViZ9n$vxRgvboGbYXsuiQSl2HCR.' };
  value(await setCredential(house.ctx(panel), account, 'ftp', short));
  const notice = { kind: 'short_password', message: expect.stringContaining('15 characters') };
  const answer = await house.guess({ login: 'zita', password: 'Tr0ub4dor&3' });
  expect(answer).toMatchObject({ decision: 'allow', notices: [notice] });
  value(await setCredential(house.ctx(panel), account, 'ftp', { password }));
  expect(await house.guess({ login: 'zita' })).toMatchObject({ decision: 'allow', notices: [] });
});
