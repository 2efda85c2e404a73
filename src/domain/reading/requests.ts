/** The request itself: a verb of asking and a secret, in one breath and not denied. */
import { any, negated, ordered, type Pair, pairs } from './grammar.ts';
import type { Hit, Reading } from './read.ts';

export interface Request extends Pair {
  /** 0..1: addressed to the reader, and close together. */
  readonly weight: number;
}

/** Plainest first. */
export function asked(reading: Reading): readonly Request[] {
  const secrets = reading.hits('secret');
  if (secrets.length === 0) return [];
  const verbs = merged(reading.hits('give'), reading.hits('enter'));
  return [...pairs(reading, verbs, secrets, 7), ...pairs(reading, secrets, verbs, 1)]
    .map((pair) => ({ ...pair, weight: weightOf(reading, pair) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
}

export const merged = (...lists: readonly (readonly Hit[])[]): Hit[] =>
  lists.flat().sort((a, b) => a.from - b.from);

function weightOf(reading: Reading, { first, second, apart }: Pair): number {
  const verb = first.notion === 'secret' ? second : first;
  if (negated(reading, verb.from, 8) || !ordered(reading, verb.from)) return 0;
  const yours = any(reading, 'you', Math.max(0, first.from - 3), second.to + 4);
  return (yours ? 1 : 0.6) * (apart <= 4 ? 1 : 0.7);
}
