import { aboutMailing, any, negated, ordered, pairs } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** "Verify your account", "update your billing information". */
export const asksToConfirm: Signal = {
  name: 'asks-to-confirm',
  says: 'It asks you to confirm or restore an account by giving what you know.',
  speaks: 'for',
  weigh(reading) {
    const things = [...reading.hits('account'), ...reading.hits('details'), ...reading.hits('secret')];
    things.sort((a, b) => a.from - b.from);
    const asked = pairs(reading, reading.hits('prove'), things, 4).filter(
      ({ first, second }) =>
        !negated(reading, first.from, 4) &&
        ordered(reading, first.from) &&
        !aboutMailing(reading, first.from, second.to),
    );
    const yours = asked.filter(({ first, second }) => any(reading, 'you', first.from - 2, second.to + 2));
    const best = yours[0] ?? asked[0];
    if (!best) return undefined;
    const strength = (yours.length > 0 ? 0.7 : 0.4) + Math.min(0.3, (asked.length - 1) * 0.1);
    return found(
      strength,
      ...(yours.length > 0 ? yours : asked)
        .slice(0, 3)
        .map(({ first, second }) => quoted(reading, first.from, second.to)),
    );
  },
};
