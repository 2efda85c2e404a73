import { labelOf } from '../reading/names.ts';
import { recipientDomains, shownSender, vouched } from './sender.ts';
import { found, type Signal, whole } from './signal.ts';

/** Your own domain in the mouth of a stranger: "example.com Mail Team", "Dear example.com user". */
export const recipientBrand: Signal = {
  name: 'recipient-brand',
  says: 'It speaks in the name of your own domain but comes from elsewhere.',
  speaks: 'for',
  weigh(reading, setting) {
    const { from, subject, text, to } = reading.message;
    if (!from) return undefined;
    for (const domain of recipientDomains(reading, setting)) {
      if (from.domain === domain && vouched(reading)) continue;
      const inName = from.name.toLowerCase().includes(domain);
      if (inName && from.domain !== domain) return found(1, whole('sender', shownSender(from)));
      const named = labelOf(domain).length > 4 && from.name.toLowerCase().includes(labelOf(domain));
      if (named && from.domain !== domain) return found(0.9, whole('sender', shownSender(from)));
      const body = `${subject}\n${text.slice(0, 20_000)}`.toLowerCase();
      const bare = to.reduce((rest, { address }) => rest.replaceAll(address.toLowerCase(), ''), body);
      const at = bare.indexOf(domain);
      if (at >= 0)
        return found(
          from.domain === domain ? 0.4 : 0.8,
          whole('text', bare.slice(Math.max(0, at - 30), at + domain.length + 30)),
        );
      if (
        from.domain !== domain &&
        to.some(({ address }) => address.includes('@') && body.includes(address.toLowerCase()))
      )
        return found(0.5, whole('text', to[0]?.address ?? ''));
    }
    return undefined;
  },
};
