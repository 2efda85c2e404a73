/** Locking somebody out by guessing wrong on purpose: strangers use up their own budgets, never the owner's. */
import { afterAll, expect, it } from 'vitest';
import { setCredential } from '../../src/actions/credentials.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { admin, fitTestHouse, home, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
value(
  await changePolicy(house.ctx(admin), { throttle: { hard_cap: 30, known_reserve: 10, lock_failures: 8 } }),
);

/** Each from a place of its own. */
const strangers = (login: string, count: number, from = 0) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      house.guess({
        login,
        password: `wrong ${from + i} guess`,
        source_ip: `203.0.${(from + i) % 250}.${(from + i) % 200}`,
      }),
    ),
  );

it('lets the owner in from a known source while strangers have locked the name', async () => {
  await house.account('anna');
  expect((await house.guess({ login: 'anna' })).decision).toBe('allow');
  const answers = await strangers('anna', 16);
  expect(answers.filter((answer) => answer.decision === 'deny')).toHaveLength(8);
  const stranger = await house.guess({ login: 'anna', source_ip: '192.0.2.99' });
  expect(stranger.decision).toBe('throttled');
  expect((await house.guess({ login: 'anna' })).decision).toBe('allow');
});

it('lets the owner in even after strangers used up all their guesses in a row', async () => {
  await house.account('berta');
  await house.guess({ login: 'berta' });
  for (let from = 0; from < 40; from += 8) {
    await strangers('berta', 8, from);
    house.pass(31 * 60_000);
  }
  const stranger = await house.guess({ login: 'berta', source_ip: '192.0.2.98' });
  expect(stranger).toEqual({ decision: 'throttled', retry_after_seconds: 3600 });
  expect((await house.guess({ login: 'berta' })).decision).toBe('allow');
});

it('judges at most the hard cap of guesses in a row, known sources and strangers together', async () => {
  await house.account('carla');
  await house.guess({ login: 'carla' });
  await house.hashesSince();
  let judged = 0;
  for (let i = 0; i < 200; i++) {
    const source_ip = i % 2 === 0 ? home : `203.0.113.${i}`;
    const answer = await house.guess({ login: 'carla', password: `wrong ${i} guess`, source_ip });
    if (answer.decision === 'deny') judged += 1;
    house.pass(20 * 60_000);
  }
  expect(judged).toBe(30);
  expect(await house.hashesSince()).toBe(30);
});

it('opens the door again, for strangers too, when the staff sets a new password', async () => {
  const account = await house.account('dora');
  for (let from = 0; from < 40; from += 8) {
    await strangers('dora', 8, from);
    house.pass(31 * 60_000);
  }
  expect((await house.guess({ login: 'dora' })).decision).toBe('throttled');
  value(await setCredential(house.ctx(panel), account, 'ftp', { password: `${password} two` }));
  expect((await house.guess({ login: 'dora', password: `${password} two` })).decision).toBe('allow');
});

it('opens the door at once when the name was locked and the staff sets a new password', async () => {
  const account = await house.account('emil');
  await strangers('emil', 16);
  expect((await house.guess({ login: 'emil' })).decision).toBe('throttled');
  value(await setCredential(house.ctx(panel), account, 'ftp', { password: `${password} two` }));
  expect((await house.guess({ login: 'emil', password: `${password} two` })).decision).toBe('allow');
});
