import { together } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** Unusual activity, a new device, a security update: why an account would have to be proved. */
export const alarmStory: Signal = {
  name: 'alarm-story',
  says: 'It tells of unusual activity or a security measure on an account.',
  speaks: 'for',
  weigh(reading) {
    const told = together(reading, reading.hits('alarm'), reading.hits('account'), 10);
    const first = told[0];
    if (!first) return undefined;
    return found(Math.min(1, 0.5 + told.length * 0.1), quoted(reading, first.first.from, first.second.to));
  },
};
