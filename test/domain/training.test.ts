/** What operators teach the detector: bounded, deterministic, and never against what a signal stands for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signals } from '../../src/domain/signals/index.ts';
import { weights } from '../../src/domain/signals/weights.ts';
import {
  type JudgedFlag,
  learn,
  leastOfEach,
  scoreOf,
  tooFew,
  withOffsets,
} from '../../src/domain/training.ts';

const names = signals.map(({ name }) => name).filter((name) => name in weights.of);
const flag = (n: number, confirmed: boolean, features: Record<string, number>): JudgedFlag => ({
  ...{ id: `flg_${String(n).padStart(4, '0')}`, confirmed, features },
});

/** A host whose own notices about full mailboxes are flagged again and again, and dismissed. */
const requests = Array.from({ length: 14 }, (_, n) =>
  flag(n, true, {
    'asked-outright': 1,
    'mailbox-story': n % 2,
    'impersonal-greeting': 1,
    threat: n % 3 ? 0 : 1,
  }),
);
const notices = Array.from({ length: 14 }, (_, n) =>
  flag(100 + n, false, {
    'mailbox-story': 1,
    'story-then-act': 1,
    'password-expiry': n % 2 ? 1 : 0.8,
    deadline: 1,
  }),
);
const judged = [...requests, ...notices];

it('learns what is dismissed again and again, and keeps finding what was confirmed', () => {
  const learned = learn(judged, weights, 0.5);
  if (learned === undefined) throw new Error('nothing was learned');
  expect(learned).toMatchObject({ confirmed: 14, dismissed: 14 });
  const precision = (each: { precision: number | null }) => each.precision ?? 0;
  expect(precision(learned.after)).toBeGreaterThan(precision(learned.before));
  expect(learned.after.recall).toBeGreaterThanOrEqual(learned.before.recall);
  const after = withOffsets(weights, learned.offsets);
  for (const { features } of notices) expect(scoreOf(after, features)).toBeLessThan(0.5);
  // One of a kind that it never saw.
  expect(scoreOf(after, { 'mailbox-story': 1, 'story-then-act': 1, 'password-expiry': 0.9 })).toBeLessThan(
    0.5,
  );
  for (const { features } of requests) expect(scoreOf(after, features)).toBeGreaterThan(0.5);
});

it('the same flags teach the same, in whatever order they come', () => {
  // Some of both sides look alike, so that the folds matter.
  const noisy = judged.map((each, n) =>
    n % 4 === 3 ? { ...each, features: { threat: n / 28, deadline: 1 } } : each,
  );
  const learned = learn(noisy, weights, 0.5);
  expect(learned).toBeDefined();
  for (const turn of [1, 5, 13]) {
    expect(learn([...noisy.slice(turn), ...noisy.slice(0, turn)].reverse(), weights, 0.5)).toEqual(learned);
  }
});

it('refuses with too few of either side', () => {
  expect(tooFew(judged)).toBe(false);
  expect(tooFew([...requests, ...notices.slice(0, leastOfEach - 1)])).toBe(true);
  expect(tooFew([...requests.slice(0, leastOfEach - 1), ...notices])).toBe(true);
  expect(tooFew([])).toBe(true);
});

it('teaches nothing where what was confirmed and what was dismissed look alike', () => {
  const alike = judged.map(({ id, confirmed }, n) =>
    flag(Number(id.slice(4)), confirmed, n % 2 ? { threat: 1 } : { deadline: 1, 'asked-outright': 1 }),
  );
  expect(learn(alike, weights, 0.5)).toBeUndefined();
});

describe('whatever is confirmed and dismissed', () => {
  const features = fc.dictionary(
    fc.constantFrom(...names, 'no-such-signal', '__proto__'),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  const flags = (confirmed: boolean) =>
    fc
      .array(features, { minLength: leastOfEach, maxLength: 25 })
      .map((list) => list.map((each, n) => flag(confirmed ? n : 1000 + n, confirmed, each)));

  it('no signal changes sides, nor loses or gains more than half of its weight, nor more than one', () => {
    fc.assert(
      fc.property(flags(true), flags(false), (yes, no) => {
        const learned = learn([...yes, ...no], weights, 0.5);
        if (learned === undefined) return;
        const { offsets } = learned;
        for (const [name, offset] of Object.entries(offsets.of)) {
          const weight = weights.of[name] ?? 0;
          expect(Math.abs(offset)).toBeLessThanOrEqual(Math.min(1, Math.abs(weight) / 2) + 0.001);
        }
        const after = withOffsets(weights, offsets);
        for (const name of names)
          expect(Math.sign(after.of[name] ?? 0)).toBe(Math.sign(weights.of[name] ?? 0));
      }),
      { numRuns: 40 },
    );
  });
});

// Each is half a second of fitting; the property above holds for all.
it.each(names.filter((_, n) => n % 6 === 0))(
  '%s, which every dismissed flag has or lacks, moves by half of its weight at the most',
  (name) => {
    const weight = weights.of[name] ?? 0;
    const has = { [name]: 1, 'asked-outright': 1, 'asks-to-confirm': 1 };
    const lacks = { 'asked-outright': 1, 'asks-to-confirm': 1, [name]: 0 };
    for (const dismissedHas of [true, false]) {
      const flags = Array.from({ length: 200 }, (_, n) =>
        flag(n, n % 2 === 0, (n % 2 === 1) === dismissedHas ? has : lacks),
      );
      const offset = learn(flags, weights, 0.5)?.offsets.of[name] ?? 0;
      expect(Math.abs(offset)).toBeLessThanOrEqual(Math.min(1, Math.abs(weight) / 2) + 0.0005);
    }
  },
);

it('offsets from elsewhere count up to their bounds, and unknown signals not at all', () => {
  const after = withOffsets(weights, { of: { 'asked-outright': -100, threat: 100, invented: 9 } });
  expect(after.bias).toBe(weights.bias);
  expect(after.of['asked-outright']).toBeCloseTo((weights.of['asked-outright'] ?? 0) - 1);
  expect(after.of.threat).toBeCloseTo((weights.of.threat ?? 0) * 1.5);
  expect(after.of.invented).toBeUndefined();
});

it('somebody who dismisses every request does not switch the detector off', () => {
  const outright = {
    'asked-outright': 1,
    'asks-to-confirm': 1,
    'link-elsewhere': 1,
    'impersonal-greeting': 1,
    deadline: 1,
  };
  const dismissed = Array.from({ length: 300 }, (_, n) => flag(n, false, outright));
  const confirmed = Array.from({ length: 10 }, (_, n) =>
    flag(1000 + n, true, { 'image-only': 1, newsletter: 1 }),
  );
  const learned = learn([...dismissed, ...confirmed], weights, 0.5);
  const after = withOffsets(weights, learned?.offsets ?? { of: {} });
  const everything = {
    ...outright,
    'fields-to-fill': 1,
    'html-form': 1,
    threat: 1,
    'link-disguised': 1,
    'log-in-to-fix': 1,
  };
  expect(scoreOf(after, everything)).toBeGreaterThan(0.5);
});
