/** The grammar that all languages share: which notions stand together, in one breath, without a "not" before them. */
import type { Notion } from '../languages/index.ts';
import type { Hit, Reading } from './read.ts';

export interface Pair {
  readonly first: Hit;
  readonly second: Hit;
  /** Words between the two. */
  readonly apart: number;
}

export const sameSentence = (reading: Reading, a: number, b: number): boolean =>
  reading.sentences[a] === reading.sentences[b];

/** Kana and ideographs, each a word of its own here: two of them make about one word elsewhere. */
const isSingle = (word: string) => word >= '\u3040' && word <= '\u9fff';

/** The pairs in which one of `second` follows one of `first` in its sentence, at most `apart` words later. */
export function pairs(
  reading: Reading,
  first: readonly Hit[],
  second: readonly Hit[],
  apart: number,
  across = false,
): Pair[] {
  const found: Pair[] = [];
  let from = 0;
  for (const one of first) {
    while (from < second.length && (second[from]?.from ?? 0) < one.from) from++;
    const perWord = isSingle(reading.tokens.words[one.from] ?? '') ? 2 : 1;
    for (let i = from; i < second.length && found.length < 500; i++) {
      const two = second[i];
      const words = two ? Math.ceil((two.from - one.to) / perWord) : Number.POSITIVE_INFINITY;
      if (!two || words > apart) break;
      if (two.from >= one.to && (across || sameSentence(reading, one.from, two.from)))
        found.push({ first: one, second: two, apart: words });
    }
  }
  return found;
}

/** Either order. */
export const together = (
  reading: Reading,
  a: readonly Hit[],
  b: readonly Hit[],
  apart: number,
  across = false,
): Pair[] => [...pairs(reading, a, b, apart, across), ...pairs(reading, b, a, apart, across)];

/** Whether a notion is expressed in the words from one to before another. */
export function any(reading: Reading, notion: Notion, from: number, to: number): boolean {
  const hits = reading.hits(notion);
  let low = 0;
  let high = hits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((hits[middle]?.from ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  const hit = hits[low];
  return hit !== undefined && hit.from < to;
}

/** Whether a "not" stands before these words in their sentence, at most `reach` words back. */
export function negated(reading: Reading, at: number, reach = 6): boolean {
  let from = at;
  while (from > 0 && at - from < reach && sameSentence(reading, from - 1, at)) from--;
  return any(reading, 'no', from, at);
}

/** An order rather than a report: nobody else is said to do it ("we updated", "has been verified"). */
export const ordered = (reading: Reading, at: number): boolean =>
  at === 0 || (reading.tokens.before[at] ?? 0) > 0 || !any(reading, 'we', Math.max(0, at - 2), at);

/** Whether these words are about a subscription and its settings: "update your preferences", "click to unsubscribe". */
export const aboutMailing = (reading: Reading, from: number, to: number): boolean =>
  any(reading, 'mailing', Math.max(0, from - 14), to + 8);
