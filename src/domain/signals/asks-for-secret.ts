import { quoted } from '../reading/read.ts';
import { asked } from '../reading/requests.ts';
import { found, type Signal } from './signal.ts';

/** "Reply with your password", "enter your PIN": a verb of asking and a secret in one breath, without a "not". */
export const asksForSecret: Signal = {
  name: 'asks-for-secret',
  says: 'It asks for a password, PIN, one-time code or recovery phrase.',
  speaks: 'for',
  weigh(reading) {
    const requests = asked(reading);
    const best = requests[0];
    if (!best) return undefined;
    return found(
      best.weight,
      ...requests.slice(0, 3).map(({ first, second }) => quoted(reading, first.from, second.to)),
    );
  },
};
