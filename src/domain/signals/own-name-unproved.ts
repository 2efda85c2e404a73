import { recipientDomains, shownSender, vouched } from './sender.ts';
import { found, type Signal, whole } from './signal.ts';

/** From the host's own domain, or from the reader's own address, and the boundary says that it is not. */
export const ownNameUnproved: Signal = {
  name: 'own-name-unproved',
  says: 'It claims to come from your own or your host’s domain, and that could not be proved.',
  speaks: 'for',
  weigh(reading, setting) {
    const { from, to, authentication } = reading.message;
    if (!from || vouched(reading)) return undefined;
    const failed =
      authentication !== undefined && (authentication.dmarc === 'fail' || authentication.spf === 'fail');
    const own = setting.ownDomains.includes(from.domain);
    if (own && failed) return found(1, whole('sender', shownSender(from)));
    const toItself = to.some(
      ({ address }) => address !== '' && address.toLowerCase() === from.address.toLowerCase(),
    );
    if (toItself) return found(failed ? 1 : 0.7, whole('sender', shownSender(from)));
    const home = recipientDomains(reading, setting).has(from.domain);
    if ((own || home) && authentication !== undefined)
      return found(failed ? 1 : 0.4, whole('sender', shownSender(from)));
    return failed
      ? found(
          0.5,
          whole('headers', `dmarc=${authentication.dmarc ?? 'none'} spf=${authentication.spf ?? 'none'}`),
        )
      : undefined;
  },
};
