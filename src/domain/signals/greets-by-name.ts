import { quoted, type Reading } from '../reading/read.ts';
import { breaks } from '../reading/tokens.ts';
import { found, type Signal } from './signal.ts';

/** "Hello Laura Rossi,": a name that does not stand in the address. */
export const greetsByName: Signal = {
  name: 'greets-by-name',
  says: 'It greets you by a name that is not just your address.',
  speaks: 'against',
  weigh(reading) {
    if (reading.hits('greeting').length > 0) return undefined;
    for (const { from, to } of reading.hits('salute').slice(0, 4)) {
      const words = nameAfter(reading, to);
      if (words > 0 && to < reading.subjectWords + 40)
        return found(words > 1 ? 1 : 0.6, quoted(reading, from, to + words));
    }
    return undefined;
  },
};

/** How many capitalised words follow, three at most, then a comma or a new line; none if the address holds them. */
function nameAfter(reading: Reading, at: number): number {
  const { words, before } = reading.tokens;
  const known = reading.message.to.flatMap(({ address }) => address.toLowerCase().split(/[@._-]/));
  let count = 0;
  while (count < 3 && at + count < words.length) {
    const next = at + count;
    if (count > 0 && (before[next] ?? 0) > breaks.none) break;
    const shown = quoted(reading, next, next + 1).quote;
    if (!/^\p{Lu}[\p{L}'’-]{1,20}$/u.test(shown) || known.includes(words[next] ?? '')) break;
    count++;
  }
  return count > 0 && (before[at + count] ?? breaks.line) > breaks.none ? count : 0;
}
