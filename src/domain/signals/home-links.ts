import { vouched } from './sender.ts';
import { found, type Signal, whole } from './signal.ts';

/** Nearly every link leads to the sender's own domain. Worth something alone, and much when the boundary vouches for it. */
export const homeLinks: Signal = {
  name: 'home-links',
  says: 'Its links lead to the sender’s own domain.',
  speaks: 'against',
  weigh(reading, setting) {
    const { links, from } = reading.message;
    if (links.length === 0 || !from || from.domain === '') return undefined;
    const own = new Set([from.domain, ...setting.ownDomains]);
    const home = links.filter(({ domain, isIp }) => own.has(domain) && !isIp).length / links.length;
    if (home < 0.6) return undefined;
    return found(
      (vouched(reading) ? 1 : 0.6) * (home === 1 ? 1 : home * 0.8),
      whole('link', links[0]?.href ?? ''),
    );
  },
};
