import { quoted } from '../reading/read.ts';
import { found, type Signal, whole } from './signal.ts';

/** About a password, in the host's own name, and the host knows that nobody asked: a fact, where others are guesses. */
export const nobodyAsked: Signal = {
  name: 'nobody-asked',
  says: 'It speaks in your host’s name of something that nobody asked for.',
  speaks: 'for',
  weigh(reading, setting) {
    if (setting.nobodyAsked !== true) return undefined;
    const [secret] = reading.hits('secret');
    if (secret !== undefined) return found(1, quoted(reading, secret.from, secret.to));
    const link = reading.message.links.find(
      ({ host }) => setting.house !== undefined && host === new URL(setting.house).hostname,
    );
    return link && found(1, whole('link', link.href));
  },
};
