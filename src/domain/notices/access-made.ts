import type { StoreName } from '../channels/index.ts';
import { ifNotYou, momentWords, type NoticeKind, quoted, usualCaps, whence } from './notice.ts';

const things = {
  app_password: 'An app password',
  ssh_key: 'An SSH key',
  grant: 'A permission to log in without a second factor for some hours',
} as const;

/** Another way in was made: the first thing that an intruder does who wants to stay. */
export const accessMade: NoticeKind<{
  readonly what: keyof typeof things;
  readonly store: StoreName;
  readonly login?: string | undefined;
  readonly label?: string | undefined;
  readonly expiresAt?: Date | undefined;
  readonly source?: string | undefined;
  readonly userAgent?: string | undefined;
}> = {
  name: 'access_made',
  caps: usualCaps,
  write(facts, about) {
    const label = facts.label === undefined ? '' : ` "${quoted(facts.label)}"`;
    const until = facts.expiresAt === undefined ? '' : ` It is good until ${momentWords(facts.expiresAt)}.`;
    return {
      subject: `New access to ${facts.login ?? about.login} (${facts.store})`,
      paragraphs: [
        `${things[facts.what]}${label} for ${facts.store} was made in the account ${about.login}${whence(facts)}, on ${momentWords(about.at)}.${until}`,
        ...ifNotYou(about),
      ],
    };
  },
};
