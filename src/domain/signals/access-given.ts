import { quoted } from '../reading/read.ts';
import { breaks, colon } from '../reading/tokens.ts';
import { found, type Signal } from './signal.ts';

/** "User name: anna  Password: …": an access that is handed over, as in a welcome. */
export const accessGiven: Signal = {
  name: 'access-given',
  says: 'It hands you an access rather than asking for yours.',
  speaks: 'against',
  weigh(reading) {
    const { words, before } = reading.tokens;
    const named = [...reading.hits('account'), ...reading.hits('secret')].sort((a, b) => a.from - b.from);
    const given = named.filter(({ to }) => {
      const value = words[to + 1];
      return (
        words[to] === colon &&
        value !== undefined &&
        (before[to + 1] ?? 0) < breaks.line &&
        words[to + 2] !== colon
      );
    });
    const first = given[0];
    return first && given.length > 1 ? found(0.8, quoted(reading, first.from, first.to + 2)) : undefined;
  },
};
