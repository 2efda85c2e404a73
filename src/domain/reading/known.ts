/** Which words of a text the detector's own lists have: phrases of any notion, and the little words of languages. */
import type { Notion } from '../languages/index.ts';
import { littleWord, type Reading } from './read.ts';

/** Whether all words between two offsets of subject, empty line and text are known. */
export function knownWords(
  reading: Reading,
  notions: readonly Notion[],
): (start: number, end: number) => boolean {
  const { words, starts } = reading.tokens;
  const known = new Uint8Array(words.length);
  for (const notion of notions) for (const { from, to } of reading.hits(notion)) known.fill(1, from, to);
  words.forEach((word, i) => {
    if (littleWord(word)) known[i] = 1;
  });
  return (start, end) => {
    for (let at = firstFrom(starts, start); at < starts.length && (starts[at] ?? 0) < end; at++)
      if (known[at] !== 1) return false;
    return true;
  };
}

/** The first word that begins at or after an offset. */
function firstFrom(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
