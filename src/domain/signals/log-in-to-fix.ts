import { aboutMailing, negated, ordered, pairs } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** "Click here to verify", "log in to restore": an order to go somewhere so that something is good again. */
export const logInToFix: Signal = {
  name: 'log-in-to-fix',
  says: 'It sends you to a page to log in, confirm or keep something.',
  speaks: 'for',
  weigh(reading) {
    const ways = [...reading.hits('go'), ...reading.hits('login'), ...reading.hits('here')].sort(
      (a, b) => a.from - b.from,
    );
    const ends = [
      ...reading.hits('prove'),
      ...reading.hits('keep'),
      ...reading.hits('login'),
      ...reading.hits('expiry'),
    ].sort((a, b) => a.from - b.from);
    const sent = [...pairs(reading, ways, ends, 9), ...pairs(reading, ends, ways, 9)].filter(
      ({ first, second }) =>
        !negated(reading, first.from, 5) &&
        ordered(reading, first.from) &&
        !aboutMailing(reading, first.from, second.to),
    );
    if (sent.length === 0) return undefined;
    const strength = Math.max(...sent.map(({ apart }) => (apart <= 5 ? 1 : 0.7)));
    return found(
      strength,
      ...sent.slice(0, 2).map(({ first, second }) => quoted(reading, first.from, second.to)),
    );
  },
};
