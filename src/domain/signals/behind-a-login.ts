import { together } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** A document, a fax, a payment that can be seen after logging in with the mailbox's password. */
export const behindALogin: Signal = {
  name: 'behind-a-login',
  says: 'Something is said to wait for you behind a login.',
  speaks: 'for',
  weigh(reading) {
    const ways = [...reading.hits('login'), ...reading.hits('secret')].sort((a, b) => a.from - b.from);
    const joined = together(reading, reading.hits('waiting'), ways, 20, true);
    const first = joined[0];
    return (
      first &&
      found(0.6 + Math.min(0.4, joined.length * 0.1), quoted(reading, first.first.from, first.second.to))
    );
  },
};
