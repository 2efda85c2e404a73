/** The request itself: a verb of asking and a secret, in one breath and not denied. */
import { any, negated, ordered, type Pair, pairs } from './grammar.ts';
import type { Hit, Reading } from './read.ts';
import { breaks } from './tokens.ts';

export interface Request extends Pair {
  /** 0..1: addressed to the reader, and close together. */
  readonly weight: number;
}

/** Plainest first. */
export function asked(reading: Reading): readonly Request[] {
  const secrets = reading.hits('secret');
  if (secrets.length === 0) return [];
  const verbs = merged(reading.hits('give'), reading.hits('enter'));
  const attested = pairs(reading, reading.hits('attest'), secrets, 6);
  return [...pairs(reading, verbs, secrets, 7), ...pairs(reading, secrets, verbs, 1), ...attested]
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
  if (verb.notion === 'attest' && !yours) return 0;
  return (yours ? 1 : 0.6) * (apart <= 4 ? 1 : 0.7) * (verb.notion === 'attest' ? 0.8 : 1);
}

/** Where a code is given: "your code is 123456", "123456 is your code", or a code that stands by itself below. */
export function givenCode(reading: Reading): { from: number; to: number } | undefined {
  const { words, before } = reading.tokens;
  const alone = (at: number) =>
    /^\d{4,8}$/.test(words[at] ?? '') && (before[at] ?? 0) > breaks.none && !isYear(words[at] ?? '');
  for (const { from, to } of reading.hits('secret').slice(0, 50)) {
    for (let at = to; at < to + 6; at++) if (isCode(words[at] ?? '')) return { from, to: at + 1 };
    for (let at = from - 3; at < from; at++) if (isCode(words[at] ?? '')) return { from: at, to };
    for (let at = to; at < to + 40; at++) if (alone(at)) return { from, to: at + 1 };
  }
  return undefined;
}

const isYear = (word: string) => /^(19|20)\d\d$/.test(word);

/** Digits, four to ten of them, or letters and three digits together. */
const isCode = (word: string) =>
  (/^\d{4,10}$/.test(word) && !isYear(word)) || (/^[a-z\d]{5,12}$/.test(word) && /\d{3}/.test(word));
