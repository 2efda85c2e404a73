import { negated } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** "If you did not ask for this, do nothing." */
export const mayBeIgnored: Signal = {
  name: 'may-be-ignored',
  says: 'It says that you may leave it alone.',
  speaks: 'against',
  weigh(reading) {
    const said = reading.hits('ignore').find(({ from }) => !negated(reading, from, 1));
    return said && found(1, quoted(reading, said.from, said.to));
  },
};
