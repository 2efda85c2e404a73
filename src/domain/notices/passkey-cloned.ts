import { ifNotYou, momentWords, type NoticeKind, quoted, usualCaps } from './notice.ts';

/** A passkey's count went back: a copy of its key is in use, which no honest authenticator makes. */
export const passkeyCloned: NoticeKind<{ readonly label: string }> = {
  name: 'passkey_cloned',
  caps: usualCaps,
  write: (facts, about) => ({
    subject: `A copy of a passkey of ${about.login} may be in use`,
    paragraphs: [
      `On ${momentWords(about.at)} a login with the passkey "${quoted(facts.label)}" of the account ${about.login} was refused: its count of uses went back, which happens when somebody has copied it.`,
      'If you use that passkey, remove it and make a new one.',
      ...ifNotYou(about),
    ],
  }),
};
