import { ifNotYou, momentWords, type NoticeKind, usualCaps } from './notice.ts';

/** A recovery code stood in for the second factor: rare enough that its owner should know of each. */
export const recoveryCodeUsed: NoticeKind<{ readonly left: number }> = {
  name: 'recovery_code_used',
  caps: usualCaps,
  write: ({ left }, about) => ({
    subject: `A recovery code of ${about.login} was used`,
    paragraphs: [
      `A recovery code of the account ${about.login} was used in place of its second factor, on ${momentWords(about.at)}. It is worthless now; ${left === 0 ? 'none is' : left === 1 ? 'one is' : `${left} are`} left.`,
      ...(left > 3 ? [] : ['You can make new ones in the panel; the ones that are left are worthless then.']),
      ...ifNotYou(about),
    ],
  }),
};
