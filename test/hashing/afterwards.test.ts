import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createAfterwards } from '../../src/hashing/afterwards.ts';
import { systemWorld } from '../../src/world.ts';

const made = (isIdle: () => boolean) =>
  createAfterwards({ world: systemWorld, isIdle, delayMs: 20, waitingMost: 4 });

it('one at a time, dropped when it is busy or too much, and a failure is nobody’s', async () => {
  let [running, most, done] = [0, 0, 0];
  const work = async () => {
    most = Math.max(most, ++running);
    await wait(30);
    running -= 1;
    done += 1;
    throw new Error('nobody waits');
  };
  const afterwards = made(() => true);
  for (let i = 0; i < 100; i++) afterwards.later(work);
  await wait(150);
  expect(most).toBe(1);
  expect(done).toBeGreaterThanOrEqual(1);
  expect(done).toBeLessThanOrEqual(4);
  await afterwards.stop();
});

it('nothing runs while the threads are busy, nor after a stop', async () => {
  let ran = 0;
  const work = async () => {
    ran += 1;
  };
  const busy = made(() => false);
  busy.later(work);
  const stopped = made(() => true);
  stopped.later(work);
  await stopped.stop();
  await wait(60);
  await busy.stop();
  expect(ran).toBe(0);
});
