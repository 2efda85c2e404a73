/** What a language file says: which words mean what, in this detector's few notions. Grammar is common to all. */

export const notions = {
  /** Hand something over: send, provide, reply with, tell, need. */
  give: 'asks to hand over',
  /** Put something into a place: enter, type, fill in. */
  enter: 'asks to enter',
  /** Make an account good again: verify, confirm, update, restore, unlock. */
  prove: 'asks to confirm',
  /** Say again what only the owner knows: verify, confirm. With a secret after it, that is a request. */
  attest: 'asks to confirm by saying',
  /** Move to a page: click, tap, follow, visit. */
  go: 'sends somewhere',
  /** What is clicked: here, below, link, button. */
  here: 'a place to go',
  /** Log in, sign on. */
  login: 'log in',
  /** Stay as you are: keep, continue using, avoid losing. */
  keep: 'to keep',
  /** Password, PIN, one-time code, recovery phrase. */
  secret: 'a secret',
  /** Information, identity, details: asked for together with an account. */
  details: 'details',
  /** Account, mailbox, wallet, online banking. */
  account: 'an account',
  /** You, your. */
  you: 'you',
  /** Not, never, no one. */
  no: 'not',
  /** Suspend, delete, block, limit, lose. */
  threat: 'what is threatened',
  /** Within 24 hours, immediately, last warning. */
  deadline: 'a deadline',
  /** Quota, upgrade, held messages, server move: stories about a mailbox. */
  mailbox: 'a story about the mailbox',
  /** Unusual activity, unknown device, fraud, new security system: stories about safety. */
  alarm: 'a story about safety',
  /** A password that runs out, or may stay the same. */
  expiry: 'a password that expires',
  /** A document, fax, voice message, payment that waits behind a login. */
  waiting: 'something that waits',
  /** Share, disclose: what one must not do with a secret. */
  share: 'giving away',
  /** If you did not ask for this; ignore this message. */
  ignore: 'may be ignored',
  /** You asked for this; thank you for signing up; welcome. */
  asked: 'you asked for it',
  /** Dear customer, dear user. */
  greeting: 'a greeting without a name',
  /** Dear, hello: what stands before a name. */
  salute: 'a greeting',
  /** Help desk, administrator, security team. */
  office: 'an office',
  /** Subscriptions and their settings: what newsletters say about themselves. */
  mailing: 'a subscription',
  /** Prices, prizes, bargains: what is sold or promised. */
  sale: 'a bargain',
  /** "He asked me for my …": a customer who tells what somebody wanted. */
  narrated: 'was asked for',
  /** We, our, us: who does it, when it is not you. */
  we: 'we',
} as const;

export type Notion = keyof typeof notions;

export interface Language {
  /** ISO 639-1. */
  readonly code: string;
  /** Little words that tell the language: articles, pronouns, conjunctions. */
  readonly common: string;
  /**
   * Phrases by notion, parted by commas; `*` at the end of a word stands for any ending, `+` between words for at most two
   * words of any kind. Written as people write: accents and case fold by themselves.
   */
  readonly words: Partial<Record<Notion, string>>;
}
