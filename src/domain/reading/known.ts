/** Which words of a text nobody chose for a secret: phrases of any notion, and the little words of languages. */
import type { Notion } from '../languages/index.ts';
import { littleWord, type Reading } from './read.ts';

/** Words that any text has, beside those that tell a language; too common for anybody to have chosen one. */
const ordinary = new Set(
  `a an will would can could may might must shall should do does did done if then than so but because while when where what
  who whom whose which why how i me my mine we us our ours he him his she her they them their its yes all any each every
  both some more most many much few other another same such only just also too very well still again ever into onto up down
  out off over under about after before since until between through here there now later today please thank thanks dear
  hello hi get got make made let use used using go going went come want need like see know think say said tell told ask
  asked work works working hours hour days day time minutes user name names support team office company customer`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Whether all words between two offsets of subject, empty line and text are known. */
export function knownWords(
  reading: Reading,
  notions: readonly Notion[],
): (start: number, end: number) => boolean {
  const { words, starts } = reading.tokens;
  const known = new Uint8Array(words.length);
  for (const notion of notions) for (const { from, to } of reading.hits(notion)) known.fill(1, from, to);
  words.forEach((word, i) => {
    // Signs that are read as words (a colon, a blank to fill in) are none.
    if (littleWord(word) || word.startsWith('\u0001') || ordinary.has(word)) known[i] = 1;
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
