import { found, type Signal, whole } from './signal.ts';

/** Letters of other alphabets, invisible characters, words spelt apart: made for readers, hidden from machines. */
export const dressedUp: Signal = {
  name: 'dressed-up',
  says: 'Words are written so that filters cannot read them.',
  speaks: 'for',
  weigh({ folded, tokens }) {
    const count =
      folded.invisible + folded.dressed / 4 + folded.heaped + tokens.mixed * 2 + tokens.spaced * 2;
    if (count < 2) return undefined;
    return found(Math.min(1, count / 8), whole('text', `${Math.round(count)} places`));
  },
};
