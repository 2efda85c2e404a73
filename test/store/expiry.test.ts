/** Expiry is decided twice: in the domain for one session, in SQL for many. Both must say the same, to the millisecond. */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { policyFrom } from '../../src/domain/policy.ts';
import { endsAt, expiryReason } from '../../src/domain/session.ts';
import { listSessions, sweepExpired } from '../../src/store/sessions.ts';
import { fitTestHouse } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
const { sql, drizzle } = house.database;
const t0 = Date.UTC(2026, 0, 5, 12);

const clocks = fc.record({
  seen: fc.integer({ min: 0, max: 8000 }),
  idleMs: fc.integer({ min: 1, max: 6000 }),
  absolute: fc.integer({ min: 1, max: 9000 }),
});
const samples = fc.sample(clocks, { numRuns: 150, seed: 7 });

async function fill(): Promise<void> {
  await sql`delete from sessions`;
  for (const [i, { seen, idleMs, absolute }] of samples.entries()) {
    await sql`insert into sessions (id, account_id, login, store, channel, profile, method, opened_at, last_seen_at,
        idle_ms, absolute_at)
      values (${`ses_${i}`}, 'acc_1', 'anna', 'panel', 'panel', 'standard', 'password', to_timestamp(${t0 / 1000}),
        to_timestamp(${(t0 + seen) / 1000}), ${idleMs}, to_timestamp(${(t0 + absolute) / 1000}))`;
  }
}

it.each([
  [900, 28_800, 0],
  [900, 28_800, 3000],
  [2, 28_800, 3500],
  [900, 4, 3999],
  [900, 4, 4000],
  [3, 5, 5000],
  [900, 28_800, 20_000],
])('idle %i s, absolute %i s, after %i ms', async (idle, absolute, passed) => {
  await fill();
  const policy = policyFrom({
    'stores.panel.standard.idle_seconds': idle,
    'stores.panel.standard.absolute_seconds': absolute,
  });
  const now = new Date(t0 + passed);
  const all = await listSessions(drizzle, {}, { limit: 1000 }, policy, now);
  expect(all).toHaveLength(samples.length);
  const wanted = new Map(all.map((facts) => [facts.id, expiryReason(facts, policy, now.getTime())]));
  const live = await listSessions(drizzle, { live: true }, { limit: 1000 }, policy, now);
  expect(new Set(live.map(({ id }) => id))).toEqual(
    new Set([...wanted].flatMap(([id, reason]) => (reason === undefined ? [id] : []))),
  );
  await drizzle.transaction((tx) => sweepExpired(tx, policy, now, { all: true, graceMs: 0 }));
  const swept = await listSessions(drizzle, {}, { limit: 1000 }, policy, now);
  for (const facts of swept) {
    expect(facts.endReason).toBe(wanted.get(facts.id));
    const { idleAt } = endsAt(facts, policy);
    expect(facts.endedAt).toBe(facts.endReason === undefined ? null : idleAt);
  }
});

it('two sweeps at once end every session once', async () => {
  await fill();
  const policy = policyFrom({});
  const now = new Date(t0 + 3_600_000);
  const sweep = () => drizzle.transaction((tx) => sweepExpired(tx, policy, now, { quiet: 20, graceMs: 0 }));
  let ended = 0;
  for (let round = 0; round < 20; round++) {
    const reached = await Promise.all(Array.from({ length: 4 }, sweep));
    ended += reached.reduce((sum, each) => sum + each.length, 0);
  }
  expect(ended).toBe(samples.length);
});
