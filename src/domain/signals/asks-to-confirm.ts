import { aboutMailing, any, negated, ordered, type Pair, pairs } from '../reading/grammar.ts';
import { type Hit, quoted, type Reading } from '../reading/read.ts';
import { merged } from '../reading/requests.ts';
import { found, type Signal } from './signal.ts';

/** "Verify your account", "update your billing information"; in some languages the verb comes last. */
export const asksToConfirm: Signal = {
  name: 'asks-to-confirm',
  says: 'It asks you to confirm or restore an account by giving what you know.',
  speaks: 'for',
  weigh(reading) {
    const things = merged(reading.hits('account'), reading.hits('details'), reading.hits('secret'));
    const proofs = reading.hits('prove');
    const asked = [
      ...pairs(reading, proofs, things, 4).filter((pair) => isOrder(reading, pair, pair.first)),
      ...pairs(reading, things, proofs, 2).filter((pair) => isOrder(reading, pair, pair.second)),
      ...pairs(reading, proofs, reading.hits('here'), 2).filter((pair) => isOrder(reading, pair, pair.first)),
    ];
    const yours = asked.filter(({ first, second }) => any(reading, 'you', first.from - 2, second.to + 2));
    if (asked.length === 0) return undefined;
    const strength = (yours.length > 0 ? 0.7 : 0.4) + Math.min(0.3, (asked.length - 1) * 0.1);
    const shown = yours.length > 0 ? yours : asked;
    return found(
      strength,
      ...shown.slice(0, 3).map(({ first, second }) => quoted(reading, first.from, second.to)),
    );
  },
};

const isOrder = (reading: Reading, { first, second }: Pair, verb: Hit): boolean =>
  !negated(reading, first.from, 4) &&
  ordered(reading, verb.from) &&
  !aboutMailing(reading, first.from, second.to);
