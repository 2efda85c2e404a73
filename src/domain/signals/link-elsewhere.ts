import { quoted } from '../reading/read.ts';
import { recipientDomains } from './sender.ts';
import { found, type Signal, whole } from './signal.ts';

/** The order to act is a link, and it does not lead to the sender. */
export const linkElsewhere: Signal = {
  name: 'link-elsewhere',
  says: 'The link to act on leads to another domain than the sender’s.',
  speaks: 'for',
  weigh(reading, setting) {
    const { links, from, marks } = reading.message;
    if (links.length === 0 || links.length > 60 || marks.list) return undefined;
    const home = new Set([from?.domain ?? '', ...setting.ownDomains, ...recipientDomains(reading, setting)]);
    const strange = links.filter(({ domain }) => !home.has(domain));
    if (strange.length === 0) return undefined;
    const orders = strange.filter(({ text }) => /\p{L}/u.test(text) && actWords(reading, text));
    const best = orders[0];
    if (best) return found(1, whole('link', `${best.text} → ${best.href}`));
    const only = strange[0];
    return only && links.length <= 3 ? found(from ? 0.5 : 0.6, whole('link', only.href)) : undefined;
  },
};

/** Whether the words of a link order: those of the message that express an act are among them. */
function actWords(reading: Parameters<Signal['weigh']>[0], text: string): boolean {
  const plain = text.toLowerCase();
  return (['prove', 'login', 'keep', 'expiry'] as const).some((notion) =>
    reading
      .hits(notion)
      .slice(0, 200)
      .some(({ from, to }) => plain.includes(quoted(reading, from, to).quote.toLowerCase())),
  );
}
