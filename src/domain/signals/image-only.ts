import { found, type Signal, whole } from './signal.ts';

/** A picture of a letter, and the one link it hangs on: no words to be judged. */
export const imageOnly: Signal = {
  name: 'image-only',
  says: 'It is a picture with a link and hardly any text that could be checked.',
  speaks: 'for',
  weigh({ message, tokens, subjectWords }) {
    const words = tokens.words.length - subjectWords;
    const targets = new Set(message.links.map(({ domain }) => domain));
    if (message.images === 0 || targets.size !== 1 || words > 40) return undefined;
    return found(words < 15 ? 1 : 0.5, whole('link', message.links[0]?.href ?? ''));
  },
};
