import { brands } from '../brands.ts';
import { genuineNames, passesAs, wearsName } from '../reading/names.ts';
import { recipientDomains, shownSender } from './sender.ts';
import { found, type Signal, whole } from './signal.ts';

const famous = genuineNames(
  brands.flatMap(({ domains }) => [...domains]),
  5,
);

/** A domain that passes for the host's, the reader's, or a known one. */
export const lookalike: Signal = {
  name: 'lookalike',
  says: 'A domain is made to look like one you know.',
  speaks: 'for',
  weigh(reading, setting) {
    const { from, links } = reading.message;
    const own = genuineNames(setting.ownDomains);
    const home = genuineNames([...recipientDomains(reading, setting)]);
    const seen = new Map<string, ReturnType<typeof whole>>();
    if (from) seen.set(from.domain, whole('sender', shownSender(from)));
    for (const { domain, href } of links.slice(0, 30))
      if (!seen.has(domain)) seen.set(domain, whole('link', href));
    for (const [domain, where] of seen) {
      if (own.domains.has(domain) || home.domains.has(domain) || famous.domains.has(domain)) continue;
      if (passesAs(domain, own) || wearsName(domain, own) || passesAs(domain, home)) return found(1, where);
      if (passesAs(domain, famous) || wearsName(domain, famous)) return found(0.8, where);
    }
    return undefined;
  },
};
