/**
 * What of a judged text may be kept: enough to see why it was flagged, and no secret that somebody wrote into it. What
 * is not known to be harmless is masked, sign by sign, so that offsets stay.
 *
 * Elsewhere, what looks like a word of a language stays, and numbers of two digits. Around a secret's name ("password",
 * in any language that is read here) only words stay that the detector itself knows; what follows the name and a sign
 * of equality goes to the end of its line, and so does the line below it.
 */
import { type Notion, notions } from './languages/index.ts';
import { knownWords } from './reading/known.ts';
import type { Evidence, Reading } from './reading/read.ts';

/** UTF-16 units of subject and text together that are kept. */
export const keptText = 8_000;
/** As far as quotes of evidence are looked at; what stands beyond is masked whole. */
const readText = 64_000;
const mask = '•';
/** Lines of a form have few words, and one of them may be all that somebody answered. */
const fewWords = 4;

export interface Redacted {
  /** Subject, an empty line and text, up to `keptText`, masked. */
  readonly text: string;
  /** The same evidence, its quotes masked. */
  readonly evidence: (evidence: Evidence) => Evidence;
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly words: number;
  readonly blank: boolean;
  /** Where a secret is named in it: the unit behind each name. */
  readonly named: readonly number[];
}

const copula =
  /^[\s"'”’)\]*_>]*(?:[:=：＝~]|[-–—]+>?|=>|→|(?:is|was|are|ist|lautet|est|es|era|é|è|jest|это)\b|[はがは是]|就是)/iu;

/** Masks what may be a secret. Pure, and linear in what is kept. */
export function redact(reading: Reading): Redacted {
  const { message } = reading;
  const whole = `${message.subject}\n\n${message.text}`.slice(0, readText);
  const kept = [...whole.split('')];
  const lines = linesOf(whole, reading);
  const anySecret = reading.hits('secret').length > 0;
  const near = nearSecrets(lines);
  const known = knownWords(reading, Object.keys(notions) as Notion[]);
  lines.forEach((line, i) => {
    const strict = near.has(i) || (anySecret && line.words <= fewWords);
    maskLine(whole, kept, line, strict ? known : undefined);
  });
  maskAnswers(whole, kept, lines);
  const masked = kept.join('');
  const before = message.subject.length + 2;
  return {
    text: collapsed(masked.slice(0, keptText)),
    evidence: (evidence) => {
      const { part, start, end } = evidence;
      if (part === 'subject' || part === 'text') {
        const shift = part === 'text' ? before : 0;
        const there = end + shift <= masked.length;
        return { ...evidence, quote: there ? collapsed(masked.slice(start + shift, end + shift)) : '•••' };
      }
      return { ...evidence, quote: part === 'link' ? withoutPath(evidence.quote) : harmless(evidence.quote) };
    },
  };
}

/** How long it was is nobody's business either. */
const collapsed = (text: string) => text.replace(/•+/g, '•••').trimEnd();

function linesOf(whole: string, reading: Reading): Line[] {
  const { starts, ends } = reading.tokens;
  const secrets = reading.hits('secret').map(({ from, to }) => ({
    start: starts[from] ?? 0,
    end: ends[to - 1] ?? 0,
  }));
  const lines: Line[] = [];
  let [token, secret, start] = [0, 0, 0];
  while (start <= whole.length) {
    const at = whole.indexOf('\n', start);
    const end = at < 0 ? whole.length : at;
    let words = 0;
    while (token < starts.length && (starts[token] ?? 0) < end) {
      token += 1;
      words += 1;
    }
    const named: number[] = [];
    for (; secret < secrets.length && (secrets[secret]?.start ?? 0) < end; secret++)
      named.push(secrets[secret]?.end ?? 0);
    lines.push({ start, end, words, blank: whole.slice(start, end).trim() === '', named });
    start = end + 1;
  }
  return lines;
}

/** Lines that name a secret, one line before each and two after it, empty ones not counted. */
function nearSecrets(lines: readonly Line[]): Set<number> {
  const filled = lines.flatMap((line, i) => (line.blank ? [] : [i]));
  const near = new Set<number>();
  filled.forEach((line, at) => {
    if (lines[line]?.named.length === 0) return;
    for (const each of filled.slice(Math.max(0, at - 1), at + 3)) near.add(each);
  });
  return near;
}

function maskLine(
  whole: string,
  kept: string[],
  line: Line,
  known: ((start: number, end: number) => boolean) | undefined,
): void {
  for (const found of whole.slice(line.start, line.end).matchAll(/\S+/g)) {
    const start = line.start + found.index;
    const chunk = found[0];
    if (/^\W{0,3}(https?:\/\/|www\.)/i.test(chunk)) hide(kept, start, chunk, withoutPath(chunk));
    else if (
      isWord(chunk) &&
      (known === undefined || (plain.test(chunk) && known(start, start + chunk.length)))
    )
      continue;
    else hide(kept, start, chunk, unspaced(chunk) ? latinMasked(chunk) : '');
  }
}

/** Masks a chunk, but for what it has in common with `left` at its beginning; signs at its ends stay. */
function hide(kept: string[], start: number, chunk: string, left: string): void {
  for (let i = 0; i < chunk.length; i++) {
    if (left.length === chunk.length && left[i] !== mask) continue;
    if (left.length !== chunk.length && i < left.length) continue;
    kept[start + i] = mask;
  }
}

/** What is said to be a secret: from the sign of equality behind its name to the end of the line, or all of the next. */
function maskAnswers(whole: string, kept: string[], lines: readonly Line[]): void {
  lines.forEach((line, i) => {
    const said = answerIn(whole, line);
    if (said === undefined) return;
    cover(whole, kept, said, line.end);
    if (whole.slice(said, line.end).trim() !== '') return;
    let next = i + 1;
    while (lines[next]?.blank === true) next++;
    const below = lines[next];
    if (below !== undefined && below.named.length === 0) cover(whole, kept, below.start, below.end);
  });
}

/** Names and signs are this close. */
const signWithin = 40;

/** Where the first answer of a line begins: behind the sign that follows a name. All others lie behind it. */
function answerIn(whole: string, line: Line): number | undefined {
  for (const end of line.named) {
    const sign = copula.exec(whole.slice(end, Math.min(line.end, end + signWithin)));
    if (sign !== null) return end + sign[0].length;
  }
  return undefined;
}

function cover(whole: string, kept: string[], from: number, to: number): void {
  for (let i = from; i < to; i++) if (!/\s/.test(whole.charAt(i))) kept[i] = mask;
}

/** A word of a language with the signs around it, or a number of two digits: lower case, a capital first, or all capitals. */
const isWord = (chunk: string) =>
  chunk.length <= 40 &&
  /^[^\p{L}\p{N}\p{M}]{0,4}(?:\p{Lu}?[\p{Ll}\p{Lo}\p{M}]{1,24}(?:['’-]\p{Lu}?[\p{Ll}\p{Lo}\p{M}]{1,24})?|\p{Lu}{1,16}|\d{1,2})?[.,:;!?)\]}"'”’…*>|-]{0,4}$/u.test(
    chunk,
  ) &&
  !(unspaced(chunk) && /[\p{Script=Latin}\d]/u.test(chunk));

/** Words that the detector knows, joined, are what somebody may have chosen; so are signs alone. */
const plain = /^[^\p{L}]{0,4}\p{L}[\p{L}\p{M}]*[^\p{L}]{0,4}$/u;

const unspaced = (chunk: string) =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(chunk);

const latinMasked = (chunk: string) => chunk.replace(/[^\p{Lo}\p{M}、。：，！？「」]/gu, mask);

/** Scheme and host of an address: what follows may open something. */
function withoutPath(href: string): string {
  const parts = /^(\W{0,3}(?:[a-z]{2,8}:\/\/)?)(?:[^\s/?#@]*@)?([^\s/?#@]{1,253})/i.exec(href);
  return parts?.[0].includes('@') ? (parts[1] ?? '') : (parts?.[0] ?? '');
}

/** A sender, a file's name, a header: addresses stay, and what looks like a word. */
function harmless(quote: string): string {
  return collapsed(
    quote.replace(/\S+/g, (chunk) =>
      isWord(chunk) || /^<?[^\s@<>]{1,64}@[\w.-]{1,253}>?$/.test(chunk) ? chunk : mask,
    ),
  );
}
