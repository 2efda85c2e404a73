import { brands } from '../brands.ts';
import { isLookalike, wearsName } from '../reading/names.ts';
import { recipientDomains, shownSender } from './sender.ts';
import { found, type Signal, whole } from './signal.ts';

const famous = brands.flatMap(({ domains }) => [...domains]);

/** A domain that passes for the host's, the reader's, or a known one. */
export const lookalike: Signal = {
  name: 'lookalike',
  says: 'A domain is made to look like one you know.',
  speaks: 'for',
  weigh(reading, setting) {
    const { from, links } = reading.message;
    const mine = [...setting.ownDomains, ...recipientDomains(reading, setting)];
    const shown = [
      ...(from ? [{ domain: from.domain, where: whole('sender', shownSender(from)) }] : []),
      ...links.slice(0, 50).map(({ domain, href }) => ({ domain, where: whole('link', href) })),
    ];
    const seen = new Set<string>();
    for (const { domain, where } of shown) {
      if (seen.has(domain) || mine.includes(domain) || famous.includes(domain)) continue;
      seen.add(domain);
      if (mine.some((own) => isLookalike(domain, own))) return found(1, where);
      if (setting.ownDomains.some((own) => wearsName(domain, own))) return found(1, where);
      if (famous.some((own) => own.length > 8 && (isLookalike(domain, own) || wearsName(domain, own))))
        return found(0.8, where);
    }
    return undefined;
  },
};
