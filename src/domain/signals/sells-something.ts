import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** Offers, prices, prizes: advertising, wanted or not, asks for money rather than for passwords. */
export const sellsSomething: Signal = {
  name: 'sells-something',
  says: 'It sells or promises something: advertising, wanted or not.',
  speaks: 'against',
  weigh(reading) {
    const said = reading.hits('sale');
    const first = said[0];
    if (!first || said.length < 2) return undefined;
    const share = said.length / Math.max(60, reading.tokens.words.length);
    return found(Math.min(1, share * 25), quoted(reading, first.from, first.to));
  },
};
