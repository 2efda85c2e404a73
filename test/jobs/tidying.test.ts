/** What runs by the clock only writes down what holds already, never twice at once, and outlives its failures. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { sweepAnswers, sweepGuesses, sweepHalfLogins } from '../../src/actions/tidy.ts';
import { every } from '../../src/jobs/every.ts';
import { startJobs } from '../../src/jobs/index.ts';
import { admin, fitTestHouse, opened, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
const system = () => house.ctx({ kind: 'system' });

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await done()) return;
    await sleep(50);
  }
  throw new Error('it did not come to pass');
}

it('never runs twice at once, goes on after a failure, and stops when the last run is over', async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  let over = true;
  const job = every(5, 'a test', async () => {
    over = false;
    running += 1;
    most = Math.max(most, running);
    runs += 1;
    await sleep(20);
    running -= 1;
    over = true;
    if (runs % 2) throw new Error('this one failed');
  });
  await sleep(150);
  await job.stop();
  expect(over).toBe(true);
  expect(most).toBe(1);
  expect(runs).toBeGreaterThan(2);
  const after = runs;
  await sleep(30);
  expect(runs).toBe(after);
});

it('last-seen, expired sessions and bulk logoffs are written down without anybody asking', async () => {
  await house.account('anna', { panel: password });
  await house.account('berta', { ftp: password });
  const [seen, idle, cut] = [
    opened(await house.guess({ login: 'anna', store: 'panel' })),
    opened(await house.guess({ login: 'anna', store: 'panel', profile: 'public' })),
    opened(await house.guess({ login: 'berta', store: 'ftp', open_session: true })),
  ];
  house.pass(290_000);
  house.house.touches.note(seen.id, house.now());
  value(await endSessions(house.ctx(admin), { select: { store: 'ftp' }, reason: 'x', dry_run: false }));
  house.pass(11_000);
  const jobs = startJobs(house.house);
  await until(async () => {
    const rows = await Promise.all([seen.id, idle.id, cut.id].map((id) => house.session(id)));
    return (
      Date.parse(String(rows[0]?.last_seen_at)) === house.now() - 11_000 &&
      rows[1]?.end_reason === 'idle' &&
      rows[2]?.end_reason === 'ended'
    );
  });
  await until(async () => (await house.database.sql`select 1 from cutoffs`).length === 0);
  await jobs.stop();
  expect((await house.session(seen.id)).ended_at).toBeNull();
  const told = (await house.events('session.expired')).filter((each) => each.session_id === idle.id);
  expect(told).toMatchObject([{ actor_kind: 'system', detail: { reason: 'idle' } }]);
});

it('guess counters are forgotten after a day, those in a row after a quarter, known places too', async () => {
  await house.account('carla');
  await house.guess({ login: 'carla' });
  await house.guess({ login: 'carla', password: 'wrong' });
  await house.guess({ login: 'carla', password: 'wrong', source_ip: '192.0.2.9' });
  const keys = async () =>
    (
      await house.database.sql<
        { key: string }[]
      >`select key from attempts where key like '%carla%' order by key`
    ).map(({ key }) => key.split(':')[0]);
  const day = 86_400_000;
  house.pass(day + 3_600_001);
  await sweepGuesses(system());
  expect(new Set(await keys())).toEqual(new Set(['familiar', 'strangers']));
  house.pass(90 * day);
  await sweepGuesses(system());
  expect(await keys()).toEqual([]);
  expect(await house.database.sql`select 1 from known_sources`).toHaveLength(0);
});

it('a block that still stands is not forgotten', async () => {
  await house.account('dora');
  for (let i = 0; i < 10; i++) {
    await house.guess({ login: 'dora', password: `wrong ${i}`, source_ip: `10.0.${i}.1` });
  }
  await sweepGuesses(system());
  expect((await house.guess({ login: 'dora', source_ip: '10.9.9.9' })).decision).toBe('throttled');
});

it('kept answers are forgotten after their day', async () => {
  const { token } = await house.operator('admin');
  const body = { select: { ids: ['ses_x'] }, reason: 'x' };
  await house.request('POST', '/v1/sessions/end', { token, body, headers: { 'idempotency-key': 'k' } });
  await sweepAnswers(system());
  expect(await house.database.sql`select 1 from idempotency`).toHaveLength(1);
  house.pass(86_400_001);
  await sweepAnswers(system());
  expect(await house.database.sql`select 1 from idempotency`).toHaveLength(0);
});

it('challenges that are over for an hour go, those that are not stay', async () => {
  const account = await house.account('half', { panel: password });
  const at = (ms: number) => new Date(house.now() + ms).toISOString();
  for (const [name, end] of [
    ['old', -3_600_001],
    ['young', -3_599_000],
    ['open', 60_000],
  ] as const) {
    await house.database.sql`
      insert into challenges (id_hash, purpose, account_id, asked_by, entry, created_at, expires_at)
      values (${Buffer.from(name)}, 'login', ${account}, 'cli_x', '{}', ${at(end - 300_000)}, ${at(end)})`;
  }
  expect(await sweepHalfLogins(system())).toBe(1);
  expect(await house.database.sql`select 1 from challenges where account_id = ${account}`).toHaveLength(2);
});
