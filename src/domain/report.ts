/** A customer's report of a call or message: how many there may be, and what he is told. */
import type { Medium } from './message.ts';
import type { Explanation } from './solicited.ts';

/** Of one customer within a day. */
export const mostReports = 20;
export const reportWindowMs = 86_400_000;

export interface Reported {
  readonly medium: Medium;
  readonly asks: boolean;
  readonly explained: Explanation | undefined;
  /** He says that he gave what was asked for. */
  readonly answered: boolean;
  /** Strangers are kept out because of it. */
  readonly held: boolean;
}

const never = 'We never ask for your password, by mail, by phone or in any other way.';
const explanations: Readonly<Record<Explanation, string>> = {
  our_mail: 'This is from us: we wrote it to you, word by word. Use a link in it only if you asked for it.',
  announced: `This is from us: we announced it. ${never}`,
};
const ended: Readonly<Record<Medium, string>> = {
  email: 'Do not answer it, and open none of its links and files.',
  ticket: 'Do not answer it, and open none of its links and files.',
  chat: 'Do not answer it, and open none of its links.',
  sms: 'Do not answer it, and open none of its links.',
  call: 'If they call again, hang up and call us at the number that you know.',
};
const changeIt = 'Change your password now, everywhere you use it, and end all of your sessions.';

const heldBack = 'Until then nobody gets in by it alone from where you were never seen, for a while.';

/** What to do, in whole sentences. */
export function adviceOn({ medium, asks, explained, answered, held }: Reported): string {
  if (answered) {
    const attempt = asks && explained === undefined ? ['This was an attempt to get at your password.'] : [];
    return [...attempt, changeIt, ...(held ? [heldBack] : []), never].join(' ');
  }
  if (explained !== undefined) return explanations[explained];
  const lines = asks
    ? ['This is an attempt to get at your password.', never, ended[medium], `Did you answer? ${changeIt}`]
    : ['We see no request for your password in this.', never, 'If somebody does, tell us.'];
  return lines.join(' ');
}
