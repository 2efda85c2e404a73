/** What becomes of a judged mail: the header it gets, and whether it goes on. Pure. */
import type { MilterConfig, MilterDeed } from './config-shape.ts';
import type { MailVerdict } from './service.ts';

export interface MailDecision {
  readonly deed: MilterDeed | 'defer';
  /** The verdict header's value: printable ASCII, nothing of the mail's text. */
  readonly header: string;
  /** For `refuse` and `defer`: the line of SMTP. */
  readonly reply?: string;
}

const refusals = {
  mail: '550 5.7.1 Not accepted: this message asks for a password. If it does not, please write to the postmaster.',
  staff: '550 5.7.1 Not sent: we never ask customers for a password, a PIN or a code.',
} as const;

const mostSignals = 8;

/** Whether mail of this login is the staff's: `*`, the login itself, or `@` and its domain. */
export function isStaff(login: string | undefined, staff: readonly string[]): boolean {
  if (!login) return false;
  const name = login.toLowerCase();
  const at = name.lastIndexOf('@');
  return staff.some((each) => each === '*' || each === name || (at >= 0 && each === name.slice(at)));
}

/** The worst of the verdicts counts: a mail is one for all who get it. */
export function decide(
  verdicts: readonly MailVerdict[],
  ofStaff: boolean,
  choices: Pick<MilterConfig, 'flagged' | 'staffRequest'>,
): MailDecision {
  const [worst] = [...verdicts].sort((a, b) => Number(b.flagged) - Number(a.flagged) || b.score - a.score);
  if (!worst) throw new RangeError('a decision without a verdict');
  const header = headerOf(worst);
  if (!worst.flagged) return { deed: 'header', header };
  const deed = ofStaff ? choices.staffRequest : choices.flagged;
  return { deed, header, ...(deed === 'reject' && { reply: ofStaff ? refusals.staff : refusals.mail }) };
}

/** The service did not answer in time, or not at all; or it cannot judge this mail, which somebody may have intended. */
export function undecided(
  choice: MilterConfig['unjudged'],
  reason: 'no_answer' | 'unjudgeable' = 'no_answer',
): MailDecision {
  const header = `not_judged; reason=${reason}`;
  if (choice === 'accept') return { deed: 'header', header };
  return { deed: 'defer', header, reply: '451 4.7.1 This message cannot be judged now. Try again later.' };
}

function headerOf({ verdict, score, flagged, solicited, flag_id, signals }: MailVerdict): string {
  const spoke = signals
    .filter(({ name, weight }) => weight > 0 && /^[a-z0-9-]{1,40}$/.test(name))
    .slice(0, mostSignals)
    .map(({ name }) => name);
  const parts = [verdict, `score=${score.toFixed(3)}`, `flagged=${flagged}`];
  if (solicited) parts.push('solicited=true');
  if (flag_id !== undefined && /^flg_[A-Za-z0-9_-]{1,60}$/.test(flag_id)) parts.push(`flag=${flag_id}`);
  if (verdict === 'password_request' && spoke.length > 0) parts.push(`signals=${spoke.join(',')}`);
  return parts.join('; ');
}

/**
 * For whom the service is asked: one of each domain first, since the recipient's own domain bears on the verdict, then
 * the others, until `most` are asked.
 */
export function askedFor(recipients: readonly string[], most: number): readonly string[] {
  const distinct = [...new Map(recipients.map((each) => [each.toLowerCase(), each])).values()];
  const domains = new Set<string>();
  const [first, rest]: [string[], string[]] = [[], []];
  for (const each of distinct) {
    const domain = each.slice(each.lastIndexOf('@') + 1).toLowerCase();
    (domains.has(domain) ? rest : first).push(each);
    domains.add(domain);
  }
  return [...first, ...rest].slice(0, Math.max(1, most));
}
