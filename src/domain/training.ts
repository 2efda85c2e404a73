/**
 * What an operator's word on flagged messages teaches the detector: offsets to the shipped weights. Pure, and the same
 * flags teach the same. A flag counts once, however many copies of its message there were, and both sides count alike.
 *
 * However the flags come about, no signal loses or gains more than half of its weight, or more than one, and none
 * changes sides: whoever makes many messages must not be able to switch the detector off. The bias stays: only messages
 * that were flagged are judged, so they cannot say how many requests there are; that is the threshold's matter.
 */
import type { Weights } from './signals/weights.ts';

/** Added to the shipped weights. */
export type Offsets = Pick<Weights, 'of'>;

/** A flag that was confirmed or dismissed, with the strengths of the signals in its message. */
export interface JudgedFlag {
  readonly id: string;
  readonly confirmed: boolean;
  /** 0..1 by signal. */
  readonly features: Readonly<Record<string, number>>;
}

/** How the judged flags come out. */
export interface Outcome {
  /** Of those that are flagged, the share that was confirmed; null where none is. */
  readonly precision: number | null;
  /** Of those that were confirmed, the share that is flagged. */
  readonly recall: number;
  /** The share that comes out wrong, both sides alike. */
  readonly wrong: number;
}

export interface Learned {
  readonly offsets: Offsets;
  readonly confirmed: number;
  readonly dismissed: number;
  /** By the shipped weights. */
  readonly before: Outcome;
  /** Each flag judged by what the others taught. */
  readonly after: Outcome;
}

/** Fewer say too little. */
export const leastOfEach = 10;
const mostOffset = 1;
const folds = 5;
const rounds = 400;

export function tooFew(judged: readonly JudgedFlag[]): boolean {
  const confirmed = judged.filter((each) => each.confirmed).length;
  return confirmed < leastOfEach || judged.length - confirmed < leastOfEach;
}

const bound = (weight: number) => Math.min(mostOffset, Math.abs(weight) / 2);
const clamped = (value: number, most: number) => Math.max(-most, Math.min(most, value));
const rounded = (value: number) => Math.round(value * 1000) / 1000;
const logistic = (sum: number) => 1 / (1 + Math.exp(-sum));

/** The weights that result. Offsets beyond their bounds count up to them; those of unknown signals not at all. */
export function withOffsets(weights: Weights, offsets: Offsets): Weights {
  return {
    bias: weights.bias,
    of: Object.fromEntries(
      Object.entries(weights.of).map(([name, weight]) => [
        name,
        rounded(weight + clamped(offsets.of[name] ?? 0, bound(weight))),
      ]),
    ),
  };
}

export function scoreOf({ bias, of }: Weights, features: JudgedFlag['features']): number {
  const sum = Object.entries(features).reduce((total, [name, each]) => total + (of[name] ?? 0) * each, bias);
  return logistic(sum);
}

/**
 * @param weights the shipped ones, which the offsets are for.
 * @returns undefined where what is learned does not judge flags better that it was not learned from.
 */
export function learn(
  judged: readonly JudgedFlag[],
  weights: Weights,
  threshold: number,
): Learned | undefined {
  const flags = inOrder(judged);
  const before = outcomeOf(
    flags,
    flags.map(({ features }) => scoreOf(weights, features)),
    threshold,
  );
  const unseen = new Map<string, number>();
  for (let fold = 0; fold < folds; fold++) {
    const others = withOffsets(
      weights,
      fittedOffsets(
        flags.filter((_, i) => i % folds !== fold),
        weights,
      ),
    );
    flags.forEach(({ id, features }, i) => {
      if (i % folds === fold) unseen.set(id, scoreOf(others, features));
    });
  }
  const after = outcomeOf(
    flags,
    flags.map(({ id }) => unseen.get(id) ?? 0),
    threshold,
  );
  if (after.wrong >= before.wrong) return undefined;
  const confirmed = flags.filter((each) => each.confirmed).length;
  return {
    offsets: fittedOffsets(flags, weights),
    confirmed,
    dismissed: flags.length - confirmed,
    before,
    after,
  };
}

/** Confirmed ones first, by their ids: every fold has its share of both. */
function inOrder(judged: readonly JudgedFlag[]): JudgedFlag[] {
  return [...judged].sort(
    (one, other) => Number(other.confirmed) - Number(one.confirmed) || (one.id < other.id ? -1 : 1),
  );
}

/** What each flag counts: one half for each side, whichever there are more of. */
function shares(flags: readonly JudgedFlag[]): number[] {
  const confirmed = flags.filter((each) => each.confirmed).length;
  return flags.map((each) => 0.5 / Math.max(1, each.confirmed ? confirmed : flags.length - confirmed));
}

/** The fewer there are, the more they are pulled back to what was shipped. */
const ridge = (count: number) => Math.max(0.005, Math.min(0.1, 1 / count));

/** Ridge-pulled logistic regression of the offsets within their bounds: projected gradients with Nesterov's momentum. */
function fittedOffsets(flags: readonly JudgedFlag[], weights: Weights): Offsets {
  const names = Object.keys(weights.of).sort();
  const rows = flags.map(({ features }) => names.map((name) => features[name] ?? 0));
  const bounds = names.map((name) => bound(weights.of[name] ?? 0));
  const base = flags.map(({ features }) => {
    const sum = names.reduce((total, name) => total + (weights.of[name] ?? 0) * (features[name] ?? 0), 0);
    return sum + weights.bias;
  });
  const each = shares(flags);
  const pull = ridge(flags.length);
  const longest = Math.max(...rows.map((row) => row.reduce((sum, value) => sum + value * value, 0)));
  const step = 1 / (longest / 4 + pull);
  let offsets = bounds.map(() => 0);
  let ahead = offsets;
  for (let round = 1; round <= rounds; round++) {
    const at = ahead;
    const gradient = at.map((value) => pull * value);
    rows.forEach((row, i) => {
      const sum = row.reduce((total, value, k) => total + value * (at[k] ?? 0), base[i] ?? 0);
      const error = (logistic(sum) - Number(flags[i]?.confirmed)) * (each[i] ?? 0);
      for (let k = 0; k < row.length; k++) gradient[k] = (gradient[k] ?? 0) + error * (row[k] ?? 0);
    });
    const next = at.map((value, k) => clamped(value - step * (gradient[k] ?? 0), bounds[k] ?? 0));
    const before = offsets;
    ahead = next.map((value, k) => value + ((round - 1) / (round + 2)) * (value - (before[k] ?? 0)));
    offsets = next;
  }
  const of = names.map((name, k) => [name, rounded(offsets[k] ?? 0)] as const);
  return { of: Object.fromEntries(of.filter(([, offset]) => offset !== 0)) };
}

function outcomeOf(flags: readonly JudgedFlag[], scores: readonly number[], threshold: number): Outcome {
  const flagged = flags.filter((_, i) => (scores[i] ?? 0) >= threshold);
  const right = flagged.filter(({ confirmed }) => confirmed).length;
  const all = flags.filter(({ confirmed }) => confirmed).length;
  const each = shares(flags);
  const wrong = flags.reduce(
    (sum, { confirmed }, i) => sum + (confirmed === (scores[i] ?? 0) >= threshold ? 0 : (each[i] ?? 0)),
    0,
  );
  return {
    precision: flagged.length === 0 ? null : rounded(right / flagged.length),
    recall: rounded(all === 0 ? 0 : right / all),
    wrong: rounded(wrong),
  };
}
