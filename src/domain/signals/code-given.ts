import { quoted } from '../reading/read.ts';
import { givenCode } from '../reading/requests.ts';
import { found, type Signal } from './signal.ts';

/** "Your code is 123456": a secret that is given, not asked for. */
export const codeGiven: Signal = {
  name: 'code-given',
  says: 'It gives you a code rather than asking for one.',
  speaks: 'against',
  weigh(reading) {
    const given = givenCode(reading);
    return given && found(1, quoted(reading, given.from, given.to));
  },
};
