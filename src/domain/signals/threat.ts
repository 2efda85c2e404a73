import { any, together } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { found, type Signal } from './signal.ts';

/** "Your mailbox will be closed": something of yours is to be taken away. */
export const threat: Signal = {
  name: 'threat',
  says: 'It threatens that an account, a mailbox or access will be lost.',
  speaks: 'for',
  weigh(reading) {
    const said = together(reading, reading.hits('threat'), reading.hits('account'), 9);
    const yours = said.filter(({ first, second }) => any(reading, 'you', first.from - 4, second.to + 1));
    if (said.length === 0) return undefined;
    const strength = yours.length > 1 ? 1 : yours.length > 0 ? 0.8 : 0.4;
    return found(
      strength,
      ...(yours.length > 0 ? yours : said)
        .slice(0, 2)
        .map(({ first, second }) => quoted(reading, first.from, second.to)),
    );
  },
};
