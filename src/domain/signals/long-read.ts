import { found, type Signal, whole } from './signal.ts';

/** Requests are short. In a long text the words of one come together by chance. */
export const longRead: Signal = {
  name: 'long-read',
  says: 'It is a long text, in which such words meet by chance.',
  speaks: 'against',
  weigh({ tokens }) {
    const words = tokens.words.length;
    if (words < 350) return undefined;
    return found(Math.min(1, Math.log2(words / 350) / 3 + 0.2), whole('text', `${words} words`));
  },
};
