import { quoted } from '../reading/read.ts';
import { address } from '../reading/tokens.ts';
import { found, type Signal } from './signal.ts';

/** "Dear customer", "Dear anna@example.com": they do not know who you are. */
export const impersonalGreeting: Signal = {
  name: 'impersonal-greeting',
  says: 'It greets you by your address or as any customer, not by your name.',
  speaks: 'for',
  weigh(reading) {
    const greeting = reading.hits('greeting')[0];
    if (greeting) return found(1, quoted(reading, greeting.from, greeting.to));
    const own = new Set(reading.message.to.map(({ address: each }) => each.toLowerCase()));
    const at = reading.tokens.words.findIndex(
      (word, i) =>
        word === address &&
        i < reading.subjectWords + 12 &&
        own.has(
          quoted(reading, i, i + 1)
            .quote.toLowerCase()
            .replace(/[,.:;!]+$/, ''),
        ),
    );
    return at < 0 ? undefined : found(0.8, quoted(reading, at, at + 1));
  },
};
