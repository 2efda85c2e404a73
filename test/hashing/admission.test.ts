import { expect, test } from 'vitest';
import { createAdmission, HashingBusy } from '../../src/hashing/admission.ts';

const rounds = 2 ** 11;

/** Two threads whose hashes of cost 11 took 100 ms so far. */
function measured(maxWaitMs: number) {
  const admission = createAdmission(2, maxWaitMs);
  admission.enter(rounds);
  admission.leave(rounds, 100);
  return admission;
}

test('a free thread means no wait, a queue means its work shared by the threads', () => {
  const admission = measured(2000);
  admission.enter(rounds);
  expect(admission.waitMs()).toBe(0);
  admission.enter(rounds);
  expect(admission.waitMs()).toBeCloseTo(100);
  admission.enter(rounds);
  admission.enter(rounds);
  expect(admission.waitMs()).toBeCloseTo(200);
  expect(admission.waiting()).toBe(2);
});

test('the queue is capped by time, not by length: one hash of cost 15 counts as sixteen of cost 11', () => {
  const admission = measured(700);
  admission.enter(2 ** 15);
  admission.enter(rounds);
  expect(() => admission.enter(rounds)).toThrow(HashingBusy);
  admission.leave(2 ** 15, 1600);
  admission.enter(rounds);
});

test('the moment to come back is the estimated wait, in whole seconds and at least one', () => {
  const admission = measured(3000);
  for (let job = 0; job < 70; job += 1) {
    try {
      admission.enter(rounds);
    } catch (error) {
      expect(error).toMatchObject({ name: 'HashingBusy', retryAfterSeconds: 4 });
      expect(job).toBe(61);
      return;
    }
  }
  expect.unreachable();
});

test('the price of a round follows the machine, and a failed job tells nothing', () => {
  const admission = measured(2000);
  for (let job = 0; job < 30; job += 1) {
    admission.enter(rounds);
    admission.leave(rounds, 300);
  }
  admission.enter(rounds);
  admission.leave(rounds, undefined);
  admission.enter(rounds);
  admission.enter(rounds);
  expect(admission.waitMs()).toBeGreaterThan(290);
  expect(admission.waitMs()).toBeLessThanOrEqual(300);
});
