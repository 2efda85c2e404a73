import { negated, ordered } from '../reading/grammar.ts';
import { quoted } from '../reading/read.ts';
import { merged } from '../reading/requests.ts';
import { found, type Signal, whole } from './signal.ts';

/** A text message or chat with a link and an order to log in or confirm: no bank and no host does that. */
export const linkByText: Signal = {
  name: 'link-by-text',
  says: 'A short message carries a link and tells you to log in or confirm something there.',
  speaks: 'for',
  weigh(reading) {
    const { message, tokens } = reading;
    if (message.medium !== 'sms' && message.medium !== 'chat') return undefined;
    const link = message.links[0];
    if (!link || tokens.words.length > 80) return undefined;
    const order = merged(reading.hits('prove'), reading.hits('login')).find(
      ({ from }) => !negated(reading, from, 4) && ordered(reading, from),
    );
    return order && found(1, whole('link', link.href), quoted(reading, order.from, order.to));
  },
};
