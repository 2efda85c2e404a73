import type { StoreName } from '../channels/index.ts';
import { ifNotYou, momentWords, type NoticeKind, usualCaps, whence } from './notice.ts';

/** A good login from a place that this login was not seen at before. */
export const newDevice: NoticeKind<{
  readonly login: string;
  readonly store: StoreName;
  readonly channel: string;
  readonly source?: string | undefined;
  readonly userAgent?: string | undefined;
}> = {
  name: 'new_device',
  caps: usualCaps,
  write: (facts, about) => ({
    subject: `New login to ${facts.login}`,
    paragraphs: [
      `Somebody logged in to ${facts.login} (${facts.channel})${whence(facts)}, on ${momentWords(about.at)}. This login was not used from there before.`,
      ...ifNotYou(about),
    ],
  }),
};
