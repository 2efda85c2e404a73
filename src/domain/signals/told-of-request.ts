import { pairs } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** "He asked me for my password": the words of a customer who reports it. In any other message they are a story. */
export const toldOfRequest: Signal = {
  name: 'told-of-request',
  says: 'You were asked for a password, PIN or code.',
  speaks: 'for',
  weigh(reading, setting) {
    if (setting.told !== true) return undefined;
    const [first] = pairs(reading, reading.hits('narrated'), reading.hits('secret'), 8);
    return first && found(1, quoted(reading, first.first.from, first.second.to));
  },
};
