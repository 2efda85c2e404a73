import type { StoreName } from '../channels/index.ts';
import { ifNotYou, momentWords, type NoticeKind, usualCaps, whence } from './notice.ts';

/** A device still shows the password that was replaced: mostly a mail or FTP program that was forgotten. */
export const oldPassword: NoticeKind<{
  readonly login: string;
  readonly store: StoreName;
  readonly channel: string;
  readonly source?: string | undefined;
  readonly userAgent?: string | undefined;
}> = {
  name: 'old_password',
  caps: usualCaps,
  write: (facts, about) => ({
    subject: `An old password of ${facts.login} is still in use`,
    paragraphs: [
      `A device${whence(facts)} still tries the old password of ${facts.login} (${facts.channel}), last on ${momentWords(about.at)}. It was not let in, and it does not count as a wrong guess.`,
      'If this is a program of yours, give it the new password. You are told once for each place.',
      ...ifNotYou(about),
    ],
  }),
};
