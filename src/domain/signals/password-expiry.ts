import { negated } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** "Your password expires today: keep the same password." */
export const passwordExpiry: Signal = {
  name: 'password-expiry',
  says: 'It says that a password expires, or may be kept by acting.',
  speaks: 'for',
  weigh(reading) {
    const said = reading.hits('expiry').filter(({ from }) => !negated(reading, from, 4));
    if (said.length === 0) return undefined;
    return found(
      Math.min(1, 0.6 + said.length * 0.2),
      ...said.slice(0, 2).map(({ from, to }) => quoted(reading, from, to)),
    );
  },
};
