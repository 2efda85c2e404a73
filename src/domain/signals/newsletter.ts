import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** What newsletters and notifications say about themselves: subscriptions, preferences, how to leave. */
export const newsletter: Signal = {
  name: 'newsletter',
  says: 'It speaks of subscriptions and how to leave them, as newsletters do.',
  speaks: 'against',
  weigh(reading) {
    const said = reading.hits('mailing');
    const first = said[0];
    return first && found(Math.min(1, said.length / 3), quoted(reading, first.from, first.to));
  },
};
