/** Guesses at once: a throttle that reads, judges and then counts lets as many through as arrive together. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changePolicy } from '../../src/actions/policy.ts';
import { admin, fitTestHouse, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
beforeAll(async () => {
  await house.account('anna');
  value(await changePolicy(house.ctx(admin), { throttle: { free_failures: 5, delay_cap_seconds: 60 } }));
});

const burst = (login: string, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => house.guess({ login, password: `wrong ${i} guess` })));

it('judges 5 of 40 parallel wrong guesses at a limit of 5, and tells the rest when to come back', async () => {
  await house.hashesSince();
  const answers = await burst('anna', 40);
  const judged = answers.filter((answer) => answer.decision === 'deny');
  expect(judged).toHaveLength(5);
  expect(answers.filter((answer) => answer.decision === 'throttled')).toHaveLength(35);
  for (const answer of answers) {
    if (answer.decision === 'throttled') expect(answer.retry_after_seconds).toBeGreaterThanOrEqual(1);
  }
  expect(await house.hashesSince()).toBe(5);
  const refused = (await house.events('login.refused')).filter((event) => event.detail?.login === 'anna');
  expect(refused).toHaveLength(5);
  const closed = (await house.events('login.throttled')).filter((event) => event.detail?.login === 'anna');
  expect(closed.map((event) => event.detail?.limit)).toEqual(['pair']);
});

it('does the same for a name that does not exist', async () => {
  await house.hashesSince();
  const answers = await burst('nobody-of-that-name', 40);
  expect(answers.filter((answer) => answer.decision === 'deny')).toHaveLength(5);
  expect(await house.hashesSince()).toBe(5);
});

it('counts guesses on two nodes together', async () => {
  await house.account('berta');
  const other = house.node();
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, i) =>
      (i % 2 ? house : other).guess({ login: 'berta', password: `wrong ${i} guess` }),
    ),
  );
  expect(answers.filter((answer) => answer.decision === 'deny')).toHaveLength(5);
});

it('judges one more guess a span of the ladder, each span twice the last', async () => {
  await house.account('carla');
  await burst('carla', 5);
  const waits: number[] = [];
  for (let round = 0; round < 5; round++) {
    const answer = await house.guess({ login: 'carla', password: 'yet another guess' });
    if (answer.decision !== 'throttled') throw new Error(answer.decision);
    waits.push(answer.retry_after_seconds);
    house.pass(answer.retry_after_seconds * 1000);
    const judged = await house.guess({ login: 'carla', password: `one more ${round}` });
    expect(judged.decision).toBe('deny');
  }
  expect(waits).toEqual([1, 2, 4, 8, 16]);
});
