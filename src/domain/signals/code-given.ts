import { quoted } from '../reading/read.ts';
import { colon } from '../reading/tokens.ts';
import { found, type Signal } from './signal.ts';

/** "Your code is 123456": a secret that is given, not asked for. */
export const codeGiven: Signal = {
  name: 'code-given',
  says: 'It gives you a code rather than asking for one.',
  speaks: 'against',
  weigh(reading) {
    const { words } = reading.tokens;
    for (const { from, to } of reading.hits('secret')) {
      const after = words.slice(to, to + 6).findIndex((word) => isCode(word));
      if (after >= 0) return found(1, quoted(reading, from, to + after + 1));
      if (isCode(words[from - 2] ?? '') || isCode(words[from - 3] ?? ''))
        return found(1, quoted(reading, Math.max(0, from - 3), to));
    }
    return undefined;
  },
};

/** Digits, four to ten of them, or letters and digits together; not the colon itself. */
const isCode = (word: string) =>
  word !== colon &&
  ((/^\d{4,10}$/.test(word) && !/^(19|20)\d\d$/.test(word)) ||
    (/^[a-z]{1,2}$/.test(word) === false && /^(?=.*\d)[a-z\d]{5,12}$/.test(word) && /\d{3}/.test(word)));
