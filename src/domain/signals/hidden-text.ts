import { found, type Signal, whole } from './signal.ts';

/** Text that is there for filters and not for readers. */
export const hiddenText: Signal = {
  name: 'hidden-text',
  says: 'It holds a good deal of text that you cannot see.',
  speaks: 'for',
  weigh({ message }) {
    const { hidden, text } = message;
    if (hidden.length < 150) return undefined;
    return found(
      Math.min(1, hidden.length / (text.length + 300)),
      whole('hidden', hidden.trim().slice(0, 100)),
    );
  },
};
