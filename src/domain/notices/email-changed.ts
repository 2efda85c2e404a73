import { ifNotYou, momentWords, type NoticeKind, quoted, usualCaps, whence } from './notice.ts';

const steps = {
  asked: 'Somebody asked to send the mail of the account',
  done: 'From now on, mail of the account',
} as const;

/** Goes to the address that is given up: whoever takes an account over changes that first. */
export const emailChanged: NoticeKind<{
  readonly step: keyof typeof steps;
  readonly newAddress: string;
  readonly source?: string | undefined;
  readonly userAgent?: string | undefined;
}> = {
  name: 'email_changed',
  caps: usualCaps,
  write(facts, about) {
    const to = `to another address (${veiled(facts.newAddress)})`;
    const said =
      facts.step === 'asked'
        ? `${steps.asked} ${about.login} ${to}${whence(facts)}, on ${momentWords(about.at)}. It changes once that address is confirmed.`
        : `${steps.done} ${about.login} goes ${to}, since ${momentWords(about.at)}. This address gets no more of it.`;
    return {
      subject: `The mail address of ${about.login} ${facts.step === 'asked' ? 'is to change' : 'was changed'}`,
      paragraphs: [said, ...ifNotYou(about)],
    };
  },
};

/** Enough for its owner to recognise; not a link, and not a whole address in a mailbox that may be somebody else's. */
export function veiled(address: string): string {
  const at = address.lastIndexOf('@');
  return `${quoted(address.slice(0, 1))}... at ${quoted(address.slice(at + 1).replaceAll('.', ' dot '))}`;
}
