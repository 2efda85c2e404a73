import { quoted } from '../reading/read.ts';
import { asked, givenCode } from '../reading/requests.ts';
import { found, type Signal } from './signal.ts';

/**
 * A short message, a call or a chat that asks for the secret itself: nothing else is needed. Mails of services say "enter
 * your password" rightly now and then; "send it to me", nobody says rightly.
 */
export const askedOutright: Signal = {
  name: 'asked-outright',
  says: 'It asks for the secret itself, shortly and directly.',
  speaks: 'for',
  weigh(reading) {
    const best = asked(reading)[0];
    if (!best) return undefined;
    const words = reading.tokens.words.length;
    const short = words <= 80 ? 1 : words <= 200 ? 0.4 : 0;
    const handedOver = [best.first.notion, best.second.notion].includes('give');
    const spoken =
      (reading.message.medium === 'email' && !handedOver ? 0.6 : 1) * (givenCode(reading) ? 0.4 : 1);
    if (short === 0 || reading.message.marks.list || reading.message.marks.reply) return undefined;
    return found(best.weight * short * spoken, quoted(reading, best.first.from, best.second.to));
  },
};
