/** What a notice is made of: plain words about what happened, and where to go when it was somebody else. */

/** What every notice may say beside its own facts. */
export interface About {
  /** The account's login. */
  readonly login: string;
  readonly at: Date;
  /** One page that ends sessions and starts a new password, by a button; a link that is followed does nothing. */
  readonly secureLink: string;
}

export interface Letter {
  readonly subject: string;
  readonly paragraphs: readonly string[];
}

export interface NoticeKind<Facts> {
  readonly name: string;
  /** How many an owner gets; what is beyond stands in the audit log alone, so that nobody can bury a mailbox. */
  readonly caps: { readonly hour: number; readonly day: number };
  write(facts: Facts, about: About): Letter;
}

export const usualCaps = { hour: 5, day: 20 } as const;

/**
 * Text that somebody else chose, for a sentence of ours. Letters, digits and a few signs only: no line breaks, no
 * direction marks, and nothing that a mail program would turn into a link.
 */
export function quoted(text: string, limit = 60): string {
  const kept = text
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N} _+'()-]/gu, ' ')
    .replaceAll(/ +/g, ' ')
    .trim();
  const points = [...kept];
  return points.length > limit ? `${points.slice(0, limit).join('')}...` : kept;
}

const programs: readonly (readonly [RegExp, string])[] = [
  [/filezilla/i, 'FileZilla'],
  [/winscp/i, 'WinSCP'],
  [/cyberduck/i, 'Cyberduck'],
  [/lftp/i, 'lftp'],
  [/openssh/i, 'OpenSSH'],
  [/putty/i, 'PuTTY'],
  [/thunderbird/i, 'Thunderbird'],
  [/\bedg(e|a|ios)?\//i, 'Edge'],
  [/\bopr\//i, 'Opera'],
  [/firefox|fxios/i, 'Firefox'],
  [/chrom(e|ium)|crios/i, 'Chrome'],
  [/safari/i, 'Safari'],
  [/curl/i, 'curl'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/android/i, 'Android'],
  [/iphone|ipad/i, 'iOS'],
  [/windows/i, 'Windows'],
  [/mac os|macintosh/i, 'macOS'],
  [/linux|x11/i, 'Linux'],
];

/** A program by a name of ours: what it calls itself is never repeated, since whoever logs in writes that. */
export function programWords(userAgent: string | undefined): string | undefined {
  if (userAgent === undefined) return undefined;
  const nameIn = (list: typeof programs) => list.find(([sign]) => sign.test(userAgent))?.[1];
  const [program, system] = [nameIn(programs), nameIn(systems)];
  if (program === undefined) return system === undefined ? undefined : `a program on ${system}`;
  return system === undefined ? program : `${program} on ${system}`;
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** `5 January 2026, 12:00 UTC` */
export function momentWords(at: Date): string {
  const clock = at.toISOString().slice(11, 16);
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${clock} UTC`;
}

/** Where from, as far as it is known: ` from 203.0.113.9, with Firefox on Windows`. */
export function whence(facts: {
  readonly source?: string | undefined;
  readonly userAgent?: string | undefined;
}): string {
  const program = programWords(facts.userAgent);
  const place = facts.source === undefined ? '' : ` from ${facts.source}`;
  return program === undefined ? place : `${place}, with ${program}`;
}

/** The end of every notice: nothing to do when it was the owner, one page when it was not. */
export function ifNotYou(about: About): string[] {
  return [
    'If this was you, there is nothing to do.',
    'If it was not, open this page. It ends all sessions and starts a new password, and does nothing until you press the button there:',
    about.secureLink,
  ];
}
