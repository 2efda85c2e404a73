/** Ways around the count: other spellings, other addresses of the same subscriber, other doors, a remembered verdict. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changePolicy } from '../../src/actions/policy.ts';
import { admin, fitTestHouse, home, opened, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
beforeAll(async () => {
  const throttle = { free_failures: 5, delay_cap_seconds: 3600, window_seconds: 3600 };
  value(await changePolicy(house.ctx(admin), { throttle }));
});

/** How many of these guesses were judged. */
async function judged(guesses: readonly Parameters<typeof house.guess>[0][]): Promise<number> {
  const answers = await Promise.all(
    guesses.map((guess, i) => house.guess({ password: `wrong ${i} guess`, ...guess })),
  );
  return answers.filter((answer) => answer.decision === 'deny').length;
}
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

it('a login has one spelling: case, width and compatibility forms share one counter', async () => {
  await house.account('anna');
  const spellings = ['anna', 'ANNA', 'Anna', 'aNNa', 'ａｎｎａ', 'ＡＮＮＡ', 'anNa', 'annA', 'ªnna', 'ANnA'];
  expect(await judged(spellings.map((login) => ({ login })))).toBe(5);
  const rows = await house.database.sql`select key from attempts where key like 'name:%'`;
  expect(rows).toEqual([{ key: 'name:anna' }]);
});

it('an IPv6 subscriber has one address, however many of his 2^64 he uses', async () => {
  await house.account('berta');
  const hops = times(16, (i) => ({ login: 'berta', source_ip: `2001:db8:1:2:${i}::${i + 1}` }));
  expect(await judged(hops)).toBe(5);
});

it('an IPv4 address in IPv6 clothes is the same address', async () => {
  await house.account('carla');
  const forms = [
    '203.0.113.9',
    '::ffff:203.0.113.9',
    '::FFFF:203.0.113.9',
    '::ffff:cb00:7109',
    '0:0:0:0:0:ffff:cb00:7109',
    '0:0:0:0:0:ffff:203.0.113.9',
  ];
  expect(await judged(times(18, (i) => ({ login: 'carla', source_ip: forms[i % forms.length] ?? '' })))).toBe(
    5,
  );
});

it('a /48 full of subscribers runs into the budget of the network', async () => {
  value(await changePolicy(house.ctx(admin), { throttle: { network_failures: 12 } }));
  const hops = times(40, (i) => ({ login: `name-${i}`, source_ip: `2001:db8:9:${i}::1` }));
  expect(await judged(hops)).toBe(12);
  value(await changePolicy(house.ctx(admin), { throttle: { network_failures: null } }));
});

it('one source that tries one password on many names runs into its own budget', async () => {
  const names = times(60, (i) => ({ login: `spray-${i}`, password: 'Summer2026!', source_ip: '192.0.2.50' }));
  expect(await judged(names)).toBe(30);
});

it('many sources on one name run into the lock of the name', async () => {
  await house.account('dora');
  const bots = times(40, (i) => ({ login: 'dora', source_ip: `10.${i}.0.1` }));
  expect(await judged(bots)).toBe(10);
});

it('the doors of one name count together for a source', async () => {
  await house.account('emil', { panel: password, ftp: password, ssh: password, mail: password });
  const doors = times(20, (i) => ({
    login: 'emil',
    store: (['panel', 'ftp', 'ssh', 'mail'] as const)[i % 4] ?? 'ftp',
  }));
  expect(await judged(doors)).toBe(5);
});

it('a verified login that is remembered tells nothing past the throttle', async () => {
  await house.account('fritz');
  expect((await house.guess({ login: 'fritz', source_ip: home })).decision).toBe('allow');
  const bad = '192.0.2.60';
  expect(await judged(times(10, () => ({ login: 'fritz', source_ip: bad })))).toBe(5);
  await house.hashesSince();
  const right = await house.guess({ login: 'fritz', source_ip: bad });
  const wrong = await house.guess({ login: 'fritz', source_ip: bad, password: 'wrong once more' });
  expect(right.decision).toBe('throttled');
  expect(right).toEqual(wrong);
  expect(await house.hashesSince()).toBe(0);
});

it('logging in to an own account does not wash the source clean', async () => {
  await house.account('mallory');
  await house.account('gerd');
  const bad = '192.0.2.61';
  let judgedThere = 0;
  for (let i = 0; i < 60; i++) {
    const login = `wash-${i}`;
    const answer = await house.guess({ login, password: 'Summer2026!', source_ip: bad });
    if (answer.decision === 'deny') judgedThere += 1;
    await house.guess({ login: 'mallory', source_ip: bad });
  }
  expect(judgedThere).toBe(30);
});

it('a name that the door says is unknown counts against its source alone, and each time', async () => {
  await house.account('hanna');
  await Promise.all(
    times(12, (i) =>
      house.guess({ login: 'hanna', name_unknown: true, password: `junk ${i}`, source_ip: '192.0.2.62' }),
    ),
  );
  const rows = await house.database.sql`select key from attempts where key like '%hanna%'`;
  expect(rows).toEqual([{ key: 'absent:hanna|192.0.2.62/32' }]);
  const again = await house.guess({ login: 'hanna', name_unknown: true, source_ip: '192.0.2.62' });
  expect(again.decision).toBe('throttled');
  expect((await house.guess({ login: 'hanna', source_ip: '192.0.2.62' })).decision).toBe('allow');
  const answer = await house.guess({ login: 'hanna', name_unknown: true, source_ip: '192.0.2.63' });
  expect(answer).toEqual({ decision: 'deny', reason: 'invalid_credentials' });
});

it('what is kept of a wrong guess gives nothing to guess on', async () => {
  await house.account('ida');
  await house.guess({ login: 'ida', password: 'nearly right' });
  const rows = await house.database.sql<
    { digests: string[] }[]
  >`select digests from attempts where key = 'name:ida'`;
  expect(rows[0]?.digests[0]).toMatch(/^[\w-]{8}$/);
  expect(JSON.stringify(rows)).not.toContain('nearly');
});

it('the same wrong guess again and again costs only so many hashes', async () => {
  await house.account('jana');
  await house.hashesSince();
  let judged = 0;
  for (let i = 0; i < 230; i++) {
    const answer = await house.guess({ login: 'jana', password: 'one wrong word', source_ip: '192.0.2.70' });
    if (answer.decision === 'deny') judged += 1;
  }
  expect(judged).toBe(201);
  expect(await house.hashesSince()).toBe(201);
  expect((await house.guess({ login: 'jana', source_ip: '192.0.2.70' })).decision).toBe('allow');
}, 60_000);

it('guesses that are put off leave nothing behind', async () => {
  const bad = '198.18.71.1';
  for (let i = 0; i < 30; i++) await house.guess({ login: `flood-${i}`, source_ip: bad });
  const count = async () =>
    (await house.database.sql`select count(*)::int as n from attempts`)[0]?.n as number;
  const before = await count();
  for (let i = 0; i < 50; i++) {
    expect((await house.guess({ login: `more-${i}`, source_ip: bad })).decision).toBe('throttled');
  }
  expect(await count()).toBe(before);
});

it('text that no audit log holds costs its guess all the same', async () => {
  const bad = '198.18.72.1';
  const decisions: string[] = [];
  for (let i = 0; i < 40; i++) {
    decisions.push((await house.guess({ login: `half \ud800 ${i}`, source_ip: bad })).decision);
  }
  expect(decisions.filter((each) => each === 'deny')).toHaveLength(30);
});

it('whoever holds an app password does not start the counts of the password itself afresh', async () => {
  const login = 'frieda';
  await house.account(login, { panel: password, ftp: password });
  const { token } = opened(await house.guess({ store: 'panel', login }));
  const made = await house.request('POST', '/v1/me/app-passwords', {
    token,
    body: { store: 'ftp', label: 'laptop' },
  });
  const { password: appPassword } = (await made.json()) as { password: string };
  const source_ip = '192.0.2.77';
  const counts = { judged: 0, allowed: 0 };
  for (let i = 0; i < 60; i++) {
    house.pass(2 * 3_600_000);
    const good = await house.guess({ login, password: appPassword, source_ip });
    if (good.decision === 'allow') counts.allowed += 1;
    const guess = await house.guess({ login, password: `guess number ${i}`, source_ip });
    if (guess.decision === 'deny') counts.judged += 1;
  }
  expect(counts.judged).toBeLessThanOrEqual(20);
  // No guesses keep an app password out: it cannot be guessed.
  expect(counts.allowed).toBe(60);
  expect((await house.guess({ login, source_ip })).decision).toBe('throttled');
  expect((await house.guess({ login, password: appPassword, source_ip })).decision).toBe('allow');
});
