import type { StoreName } from '../channels/index.ts';
import { ifNotYou, momentWords, type NoticeKind, whence } from './notice.ts';

/** A password was shown in clear text where the policy refuses that. Whether it was the right one, nobody has looked. */
export const sentInClear: NoticeKind<{
  readonly login: string;
  readonly store: StoreName;
  readonly channel: string;
  readonly insteadUse: string;
  readonly source?: string | undefined;
}> = {
  name: 'sent_in_clear',
  // Anybody who knows the name can bring it about.
  caps: { hour: 1, day: 1 },
  write: (facts, about) => ({
    subject: `A password for ${facts.login} was sent without encryption`,
    paragraphs: [
      `Somebody tried to log in to ${facts.login} (${facts.channel})${whence(facts)}, on ${momentWords(about.at)}, over a connection without encryption. It was refused, and the password was not looked at.`,
      `If this is a program of yours, set it to ${facts.insteadUse}, and choose a new password: whoever was on the way may have read the one that was sent. You are told of this once a day.`,
      ...ifNotYou(about),
    ],
  }),
};
