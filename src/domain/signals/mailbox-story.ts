import { together } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** Quota, upgrade, held messages, server moves: why a mailbox would need its owner. */
export const mailboxStory: Signal = {
  name: 'mailbox-story',
  says: 'It tells a story often used to get at mailboxes: quota, upgrade, held messages, deactivation.',
  speaks: 'for',
  weigh(reading) {
    const told = together(reading, reading.hits('mailbox'), reading.hits('account'), 10);
    const first = told[0];
    if (!first) return undefined;
    return found(Math.min(1, 0.5 + told.length * 0.1), quoted(reading, first.first.from, first.second.to));
  },
};
