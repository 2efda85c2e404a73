/** Who waits for whom where messages are judged, and for how long. */
import { afterAll, expect, it } from 'vitest';
import { weights } from '../../src/domain/signals/weights.ts';
import { sketchSeeds } from '../../src/domain/sketch.ts';
import type { JudgingJob } from '../../src/judging/job.ts';
import { createJudging, type JudgingBounds, NotJudged } from '../../src/judging/judging.ts';
import { Room } from '../../src/judging/room.ts';
import { Turns } from '../../src/judging/turns.ts';

const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));
function judging(bounds: JudgingBounds = {}) {
  const made = createJudging(bounds);
  open.push(made);
  return made;
}

const job = (text: string, ownDomains: readonly string[] = []): JudgingJob => ({
  message: { said: { medium: 'ticket', direction: 'inbound', text } },
  setting: { ownDomains, recipientDomains: [] },
  scale: { threshold: 0.5, weights },
  seeds: sketchSeeds(Buffer.alloc(32)),
  authservIds: [],
});
const small = job('Shall we meet at noon?');
/** So many domains of its own has no host: thirty links are compared with each. */
const endless = job(
  Array.from({ length: 60 }, (_, i) => `https://www.some-long-host-name-${i}.example/`).join(' '),
  Array.from({ length: 800_000 }, (_, i) => `www-some-long-host-${i}.example`),
);

const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'judged',
    (error: unknown) => (error instanceof NotJudged ? error.why : String(error)),
  );

it('ATTACK: one that takes too long fails alone; sixteen behind it are judged by a new thread', async () => {
  const { judge } = judging({ patienceMs: 6_000, waitingMs: 50_000 });
  expect(await outcome(judge(small))).toBe('judged');
  const outcomes = await Promise.all(
    [small, endless, ...Array.from({ length: 16 }, () => small)].map((each) => outcome(judge(each))),
  );
  expect(outcomes).toEqual(['judged', 'unjudgeable', ...Array.from({ length: 16 }, () => 'judged')]);
});

it('waiting is bounded apart, and whoever waited too long is told to come again', async () => {
  const { judge } = judging({ patienceMs: 4_000, waitingMs: 200 });
  expect(await outcome(judge(small))).toBe('judged');
  const outcomes = await Promise.all([endless, small, small].map((each) => outcome(judge(each))));
  expect(outcomes).toEqual(['unjudgeable', 'busy', 'busy']);
  expect(await outcome(judge(small))).toBe('judged');
});

it('RACE: of a hundred at once no more wait than may, and all others are judged', async () => {
  const { judge } = judging();
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => outcome(judge(small))));
  expect(outcomes.filter((each) => each === 'judged')).toHaveLength(65);
  expect(outcomes.filter((each) => each === 'busy')).toHaveLength(35);
});

it('turns are taken in order, one at a time, however they end', async () => {
  const turns = new Turns(20, 60_000);
  let [inside, most] = [0, 0];
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 16 }, async (_, i) => {
      expect(await turns.enter()).toBe(true);
      order.push(i);
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside--;
      turns.leave();
    }),
  );
  expect({ most, order }).toEqual({ most: 1, order: Array.from({ length: 16 }, (_, i) => i) });
});

it('room is given back once', () => {
  const room = new Room(100);
  const leave = room.take(60);
  expect(room.take(41)).toBeUndefined();
  leave?.();
  leave?.();
  expect(room.take(100)).toBeDefined();
  expect(room.take(1)).toBeUndefined();
});
