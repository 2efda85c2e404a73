import { pairs } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** "We will never ask for your password", "do not share this code". */
export const neverAsks: Signal = {
  name: 'never-asks',
  says: 'It warns against giving a secret away rather than asking for it.',
  speaks: 'against',
  weigh(reading) {
    const warnings = pairs(reading, reading.hits('no'), reading.hits('share'), 4);
    const meant = warnings.find(({ first }) =>
      reading.hits('secret').some(({ from }) => from > first.from - 12 && from < first.from + 14),
    );
    return meant && found(1, quoted(reading, meant.first.from, meant.second.to));
  },
};
