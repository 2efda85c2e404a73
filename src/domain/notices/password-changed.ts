import type { StoreName } from '../channels/index.ts';
import { ifNotYou, momentWords, type NoticeKind, usualCaps, whence } from './notice.ts';

const how = {
  owner: 'was changed in your account',
  reset: 'was set anew by the link that was mailed to you',
  staff: 'was set by your host',
} as const;

export const passwordChanged: NoticeKind<{
  readonly login: string;
  readonly store: StoreName;
  readonly by: keyof typeof how;
  readonly source?: string | undefined;
  readonly userAgent?: string | undefined;
}> = {
  name: 'password_changed',
  caps: usualCaps,
  write: (facts, about) => ({
    subject: `The password of ${facts.login} was changed`,
    paragraphs: [
      `The ${facts.store} password of ${facts.login} ${how[facts.by]}${whence(facts)}, on ${momentWords(about.at)}. Programs that keep the old one must be given the new one.`,
      ...ifNotYou(about),
    ],
  }),
};
