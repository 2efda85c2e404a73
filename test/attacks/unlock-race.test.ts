/** An operator opens a login while guesses at it are under way: what they counted before is not written back. */
import { afterAll, expect, it } from 'vitest';
import type { Budget } from '../../src/domain/throttle.ts';
import { forgetGuesses, readBudgets, swapBudgets } from '../../src/store/attempts.ts';
import { fitTestHouse } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
const { drizzle } = house.database;
const budget = (failures: number): Budget => ({
  ...{ failures, digests: ['x'], repeats: 0, windowStartedAt: 5, blockedUntil: 0 },
});
const at = () => new Date(house.now());

it('ATTACK: counts that were forgotten between the look and the store stay forgotten', async () => {
  const keys = { strangers: 'strangers:anna|ftp', source: 'source:192.0.2.0/24' } as const;
  const was = { strangers: budget(40), source: budget(3) };
  expect(await swapBudgets(drizzle, keys, {}, was, at())).toBe(true);
  expect(await readBudgets(drizzle, keys)).toMatchObject({
    strangers: { failures: 40 },
    source: { failures: 3 },
  });
  await drizzle.transaction((tx) => forgetGuesses(tx, { strangers: keys.strangers }));
  const next = { strangers: budget(41), source: budget(4) };
  expect(await swapBudgets(drizzle, keys, was, next, at())).toBe(false);
  // All of them are stored, or none.
  const now = await readBudgets(drizzle, keys);
  expect(now.strangers).toBeUndefined();
  expect(now.source).toMatchObject({ failures: 3 });
  // Looked at again, it is a new count.
  expect(
    await swapBudgets(drizzle, keys, { source: budget(3) }, { ...next, strangers: budget(1) }, at()),
  ).toBe(true);
  expect(await readBudgets(drizzle, keys)).toMatchObject({
    strangers: { failures: 1 },
    source: { failures: 4 },
  });
});

it('RACE: of sixteen that saw the same one is stored; of sixteen that saw nothing, too; after an unlock none', async () => {
  const keys = { strangers: 'strangers:berta|ftp' } as const;
  const sixteen = (was: { strangers?: Budget }) =>
    Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        swapBudgets(drizzle, keys, was, { strangers: budget(50 + n) }, at()),
      ),
    );
  const won = (answers: readonly boolean[]) => answers.filter((each) => each).length;
  expect(won(await sixteen({}))).toBe(1);
  const { strangers } = await readBudgets(drizzle, keys);
  if (strangers === undefined) throw new Error('nothing was stored');
  // Told apart from all that are about to be stored by its count.
  expect(await swapBudgets(drizzle, keys, { strangers }, { strangers: budget(1) }, at())).toBe(true);
  expect(won(await sixteen({ strangers: budget(1) }))).toBe(1);
  const last = await readBudgets(drizzle, keys);
  await drizzle.transaction((tx) => forgetGuesses(tx, keys));
  expect(won(await sixteen({ strangers: last.strangers as Budget }))).toBe(0);
  expect(await readBudgets(drizzle, keys)).toEqual({});
});
