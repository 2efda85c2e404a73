/**
 * Mail of the house: its lines, and the tokens that travel in it. A token is 256 random bits, kept as its SHA-256,
 * good for one purpose, once, and for a while (ASVS 5.0 6.6.2, 6.6.3; NIST 800-63B-4 3.2.11).
 */
import type { Letter } from './notices/notice.ts';

export type MailedPurpose = 'reset' | 'email' | 'secure';

/** How long a token of that purpose is good. */
export const mailedMs: Readonly<Record<MailedPurpose, number>> = {
  reset: 30 * 60_000,
  email: 24 * 3_600_000,
  secure: 7 * 24 * 3_600_000,
};

/** The page of each purpose: it shows a form, and does nothing by itself (mail scanners open every link). */
const pages: Readonly<Record<MailedPurpose, string>> = {
  reset: '/reset',
  email: '/confirm-email',
  secure: '/secure',
};

/** @param origin the configured one, never a request's Host. @param random 32 random bytes. */
export function mailedLink(origin: string, purpose: MailedPurpose, token: string): string {
  return `${origin}${pages[purpose]}?token=${token}`;
}

export function mailedToken(random: Buffer): string {
  if (random.length !== 32) throw new RangeError('a mailed token takes 32 random bytes');
  return random.toString('base64url');
}

const width = 72;

/** Greedy lines of at most 72 columns; a word that is longer, such as a link, stands whole on its own line. */
function wrapped(paragraph: string): string {
  const lines: string[] = [];
  for (const word of paragraph.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

/**
 * The text of a letter. Plain text alone: nothing to spoof a button with, the link can be read before it is followed,
 * and what somebody else chose to be called cannot become markup.
 */
export function mailText(letter: Letter, reader: string, origin: string): string {
  const end = [
    '-- ',
    wrapped(`Sent by ${origin} to ${reader}. We never ask for a password or a code, by mail or phone.`),
  ].join('\n');
  return `${[...letter.paragraphs.map(wrapped), end].join('\n\n')}\n`;
}
