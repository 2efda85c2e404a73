/** crypt(3) with DES: the traditional one, and BSDi's with a count and all of the password. Only libcrypt computes them. */
import { countFault, cryptScheme } from './crypt-scheme.ts';
import { textNumber } from './crypt-text.ts';

const traditional = /^([./A-Za-z0-9]{2})([./A-Za-z0-9]{11})$/;
const extended = /^(_([./A-Za-z0-9]{4})[./A-Za-z0-9]{4})([./A-Za-z0-9]{11})$/;

export const des = [
  cryptScheme({
    name: 'des',
    weak: 'DES reads only the first 8 characters of a password, and one machine guesses billions of them a second.',
    labels: ['DES-CRYPT'],
    // An accent more or less in the ninth character changes nothing, nor does it here.
    reads: 8,
    parse(text) {
      const [, setting, digest] = traditional.exec(text) ?? [];
      return setting === undefined || digest === undefined ? null : { setting, digest, count: 25 };
    },
    outOfBounds: () => undefined,
    rounds: () => 1,
  }),
  cryptScheme({
    name: 'bsdi',
    weak: 'DES with a count: one machine guesses millions of such passwords a second.',
    labels: [],
    parse(text) {
      const [, setting, count, digest] = extended.exec(text) ?? [];
      if (setting === undefined || count === undefined || digest === undefined) return null;
      return { setting, digest, count: textNumber(count) };
    },
    outOfBounds: ({ count }) => countFault('The count of BSDi', count, { min: 1, max: 1_000_000 }),
    rounds: ({ count }) => count / 360,
  }),
];
