/** Resets by mail: when another one may be sent, and what it says. */

import type { Letter } from './notices/notice.ts';
import { momentWords } from './notices/notice.ts';

/** A link that was mailed for an account. */
export interface MailedReset {
  readonly createdAt: Date;
  readonly used: boolean;
}

export type ResetVerdict = 'sent' | 'source_cap' | 'account_cap' | 'too_soon';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Mails an hour and a day for an account; requests an hour from one source (a /64 of IPv6 is one). */
export const resetCaps = { accountHour: 3, accountDay: 10, sourceHour: 20 } as const;

/** How far back mails and requests count. */
export const resetWindowMs = { account: dayMs, source: hourMs } as const;

/**
 * One more may be needed at once (a typing error, an impatient owner); after that, each gap is three times the last.
 * Slowed, the first that nobody used is answered by a gap of 15 minutes already, and gaps grow to six hours.
 */
function gapMs(unanswered: number, slowed: boolean): number {
  if (unanswered < (slowed ? 1 : 2)) return 0;
  const gap = 5 * minuteMs * 3 ** (unanswered - (slowed ? 0 : 2));
  return Math.min(slowed ? 6 * hourMs : hourMs, gap);
}

/**
 * Whether another mail goes out for this account. `mailed`: its links of the last day, newest first. A link that was
 * used answers all before it; nobody answers a flood, so that its mails come ever more slowly. `slowed`: a flood was
 * seen (domain/patterns).
 */
export function resetVerdict(
  mailed: readonly MailedReset[],
  fromSource: number,
  now: Date,
  slowed = false,
): ResetVerdict {
  if (fromSource >= resetCaps.sourceHour) return 'source_cap';
  const since = (ms: number) => mailed.filter(({ createdAt }) => createdAt.getTime() > now.getTime() - ms);
  if (since(hourMs).length >= resetCaps.accountHour) return 'account_cap';
  if (since(dayMs).length >= resetCaps.accountDay) return 'account_cap';
  const answered = mailed.findIndex(({ used }) => used);
  const unanswered = answered < 0 ? mailed.length : answered;
  const last = mailed[0]?.createdAt.getTime();
  if (last !== undefined && now.getTime() - last < gapMs(unanswered, slowed)) return 'too_soon';
  return 'sent';
}

/** Where the request came from, as its row keeps it: an address, or the /64 that it counts for. */
const placeWords = (source: string | null) => (source === null ? '' : ` from ${source.replace(/\/32$/, '')}`);

export function resetLetter(facts: {
  readonly login: string;
  readonly store: string;
  readonly source: string | null;
  readonly at: Date;
  readonly link: string;
  readonly secondFactor: boolean;
}): Letter {
  const factor = facts.secondFactor ? ' Your second factor stays as it is, and is asked for as before.' : '';
  return {
    subject: `A new password for ${facts.login}`,
    paragraphs: [
      `Somebody asked for a new ${facts.store} password for ${facts.login}${placeWords(facts.source)}, on ${momentWords(facts.at)}. If that was you, choose it here within 30 minutes:`,
      facts.link,
      `The link works once, and only the newest one works. All sessions end when the password is changed.${factor}`,
      'If it was not you, nothing has changed. Open the link all the same and press "This was not me": that cancels it and tells your host.',
    ],
  };
}

/** More accounts share an address than mails are sent for at once. */
export function severalLetter(logins: readonly string[], at: Date): Letter {
  return {
    subject: 'Which login do you mean?',
    paragraphs: [
      `Somebody asked for a new password for this address on ${momentWords(at)}. It belongs to several logins: ${logins.join(', ')}.`,
      'Ask again with the login for which you need a new password. If it was not you, nothing has changed.',
    ],
  };
}
