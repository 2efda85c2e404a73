/** Mail to the staff: one about all that is new, and a longer pause the longer it goes on. */
import { mailText } from './mailed.ts';
import { momentWords } from './notices/notice.ts';

export interface DigestState {
  /** Of the last mail; ms since 1970. */
  readonly lastAt: number | undefined;
  /** The pause after it. */
  readonly gapMs: number;
}

export interface DigestGaps {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The pause after a mail that goes out now; undefined when it is too early for one. Each is twice as long as the last;
 * short again only when after the pause there was quiet for as long as the longest one takes. Less, and whoever raises
 * a flag now and then has a mail for each.
 */
export function digestGap(state: DigestState, now: number, gaps: DigestGaps): number | undefined {
  if (state.lastAt === undefined) return gaps.firstMs;
  const sinceMs = now - state.lastAt;
  if (sinceMs < state.gapMs) return undefined;
  if (sinceMs >= state.gapMs + gaps.longestMs) return gaps.firstMs;
  return Math.min(gaps.longestMs, Math.max(gaps.firstMs, 2 * state.gapMs));
}

export interface DigestItem {
  readonly about: string;
  readonly ref: string;
  readonly kind: string;
  readonly accountId: string | null;
  readonly at: Date;
}

const reasons: Readonly<Record<string, string>> = {
  gone: 'answered that it is gone (410)',
  failing: 'took nothing for three days',
};

function lineOf({ about, ref, kind, accountId, at }: DigestItem): string {
  const account = accountId === null ? '' : `, account ${accountId}`;
  if (about === 'flag') return `Flag ${ref}: ${kind.replaceAll('_', ' ')}${account}, ${momentWords(at)}.`;
  return `Webhook ${ref} is disabled: it ${reasons[kind] ?? kind}, ${momentWords(at)}.`;
}

/**
 * Ids and kinds of ours alone: what an attacker wrote stays behind the staff's login.
 *
 * @param items the oldest of them. @param count of all.
 */
export function digestText(
  items: readonly DigestItem[],
  count: number,
  origin: string,
): { readonly subject: string; readonly text: string } {
  const more = count - items.length;
  const paragraphs = [
    count === 1 ? 'There is something to look at:' : `There are ${count} things to look at:`,
    ...items.map(lineOf),
    ...(more > 0 ? [`And ${more} more.`] : []),
    `Flags are at ${origin}/v1/flags, webhooks at ${origin}/v1/webhooks.`,
  ];
  const subject = count === 1 ? 'Gatehouse: something to look at' : `Gatehouse: ${count} things to look at`;
  return { subject, text: mailText({ subject, paragraphs }, 'the staff', origin) };
}
