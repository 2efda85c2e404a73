import { negated } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** "You asked for this", "thank you for registering", "your order". */
export const youAsked: Signal = {
  name: 'you-asked',
  says: 'It answers something that you are said to have done: a registration, an order, a request.',
  speaks: 'against',
  weigh(reading) {
    const said = reading.hits('asked').filter(({ from }) => !negated(reading, from, 4));
    const first = said[0];
    return first && found(0.5 + Math.min(0.5, said.length * 0.25), quoted(reading, first.from, first.to));
  },
};
