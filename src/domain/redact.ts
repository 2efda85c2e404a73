/**
 * What of a judged text may be kept: enough to see why it was flagged, and no secret that somebody wrote into it. What
 * is not known to be harmless is masked, sign by sign, so that offsets stay.
 *
 * Where nothing names a secret, what looks like a word of a language stays, and numbers of two digits. Once a secret is
 * named anywhere, in any language, only words stay that the detector itself knows, and what seems to answer is covered
 * whole (redact-answers). Readability comes second.
 */
import { firstFrom, level, levelsOf } from './reading/known.ts';
import { type Evidence, type Reading, read } from './reading/read.ts';
import { nameHits, secretNames } from './reading/secret-names.ts';
import { coverAnswers, type Line } from './redact-answers.ts';
import * as words from './redact-words.ts';

/** UTF-16 units of subject and text together that are kept. */
export const keptText = 8_000;
/** As far as quotes of evidence are looked at; what stands beyond is masked whole. */
const readText = 16_000;
const { mask } = words;

export interface Redacted {
  /** Subject, an empty line and text, up to `keptText`, masked. */
  readonly text: string;
  /** The same evidence, its quotes masked. */
  readonly evidence: (evidence: Evidence) => Evidence;
}

/** Masks what may be a secret. Pure, and linear in what is kept. */
export function redact(reading: Reading): Redacted {
  const { message } = reading;
  const text = maskedOf(reading, 'text');
  const before = message.subject.length + 2;
  /** By itself; of a link, its words and where it leads are two things. Many signals quote the same. */
  const told = new Map<string, string>();
  const apart = (part: Evidence['part'], quote: string) => {
    const key = `${part} ${quote}`;
    const shown = told.get(key) ?? alone(part, quote);
    told.set(key, shown);
    return shown;
  };
  const alone = (part: Evidence['part'], quote: string) =>
    (part === 'link' ? quote.split(' → ') : [quote])
      .map((text) => maskedOf(read({ ...message, subject: '', text }), part).trimStart())
      .map(collapsed)
      .join(' → ');
  return {
    text: collapsed(text.slice(0, keptText)),
    evidence: (evidence) => {
      const { part, start, end, quote } = evidence;
      if (part !== 'subject' && part !== 'text') return { ...evidence, quote: apart(part, quote) };
      if (!message[part].startsWith(quote, start)) return { ...evidence, quote: apart('hidden', quote) };
      const shift = part === 'text' ? before : 0;
      const there = end + shift <= text.length;
      return { ...evidence, quote: there ? collapsed(text.slice(start + shift, end + shift)) : '•••' };
    },
  };
}

/** How long it was is nobody's business either; halves of characters at the ends of a quote are left off. */
const collapsed = (text: string) =>
  text
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
    .replace(/•+/g, '•••')
    .trimEnd();

/** Line ends of any kind; all of them end a line here, and only the first is kept. */
const lineEnds = /[\n\r\v\f\u0085\u2028\u2029]/g;

/** Subject, empty line and text, masked, each unit in its place. Parts outside the text are strict in any case. */
function maskedOf(reading: Reading, part: Evidence['part']): string {
  const { message, tokens } = reading;
  const whole = `${message.subject}\n\n${message.text}`.slice(0, readText);
  const kept = whole.split('');
  const hits = nameHits(reading, whole.length);
  const names = secretNames(reading, hits, whole.length);
  const strict =
    part !== 'text' ||
    names.length + reading.hits('secret').length > 0 ||
    message.forms.some(({ passwords }) => passwords > 0);
  const levels = levelsOf(reading, hits, whole.length);
  const put = (at: number, chunk: string, shown: string) => {
    if (shown === chunk) return;
    for (let i = 0; i < shown.length; i++) kept[at + i] = shown.charAt(i);
  };
  const known: Known = (start, end) => {
    const first = firstFrom(tokens.starts, start);
    let at = first;
    for (; at < tokens.starts.length && (tokens.starts[at] ?? 0) < end; at++)
      if (levels[at] === level.unknown || (tokens.ends[at] ?? 0) > end) return false;
    return at > first;
  };
  for (const { 0: chunk, index } of whole.matchAll(/\S+/g)) {
    if (part === 'text') put(index, chunk, shownChunk(chunk, index, known, strict));
    else put(index, chunk, shownPart(chunk, index, known, part));
  }
  if (strict) {
    coverAnswers(whole, reading, levels, linesOf(whole, names), (from, to) => {
      for (let i = from; i < to; i++) if (!/\s/.test(whole.charAt(i))) kept[i] = mask;
    });
  }
  return kept.join('').replace(controls, (char) => (char === '\n' ? char : ' '));

  function shownChunk(chunk: string, start: number, isKnown: Known, all: boolean): string {
    if (plainly.test(chunk))
      return !all || isKnown(start, start + chunk.length) ? chunk : mask.repeat(chunk.length);
    if (words.isLink(chunk)) return words.withoutPath(chunk);
    if (words.isLone(chunk)) return chunk;
    if (words.isUnspaced(chunk)) return all ? byWord(chunk, start) : words.withoutLatin(chunk);
    if (!words.isWord(chunk)) return mask.repeat(chunk.length);
    if (words.isCompound(chunk)) return chunk;
    const alone = /^\P{L}*\p{L}\P{L}*$/u.test(chunk);
    return (all || alone) && !isKnown(start, start + chunk.length) ? mask.repeat(chunk.length) : chunk;
  }

  /** Words without spaces around them, each by itself. */
  function byWord(chunk: string, start: number): string {
    let shown = '';
    let token = firstFrom(tokens.starts, start);
    for (let i = 0; i < chunk.length; ) {
      while (token < tokens.starts.length && (tokens.ends[token] ?? 0) <= start + i) token++;
      const [from, to] = [tokens.starts[token] ?? Number.POSITIVE_INFINITY, tokens.ends[token] ?? 0];
      const inside = start + i >= from && start + i < to;
      const char = chunk.charAt(i);
      const seen = inside
        ? levels[token] !== level.unknown && words.isUnspaced(char + (chunk[i - 1] ?? ''))
        : false;
      shown += seen || words.isPause(char) ? char : mask;
      i++;
    }
    return shown;
  }

  function shownPart(chunk: string, start: number, isKnown: Known, of: Evidence['part']): string {
    const plain = shownChunk(chunk, start, isKnown, true);
    if (plain === chunk || words.isLink(chunk)) return plain;
    if (of === 'headers' && /^(?:dmarc|spf|dkim)=[a-z]{4,10},?$/.test(chunk)) return chunk;
    if (of === 'link') return words.maskedHost(chunk, false);
    return of === 'hidden' || of === 'form' ? plain : words.withoutPerson(chunk);
  }
}

/** Most words of most texts: two Latin letters and more, at most a capital first. Told without further questions. */
const plainly = /^[A-Za-z]?[a-z]{2,23}[.,:;!?]?$/;

type Known = (start: number, end: number) => boolean;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken away here
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

function linesOf(whole: string, names: ReturnType<typeof secretNames>): Line[] {
  const lines: Line[] = [];
  let [name, start] = [0, 0];
  const ends = [...whole.matchAll(lineEnds)].map(({ index }) => index);
  for (const end of [...ends, whole.length]) {
    const from = name;
    while (name < names.length && (names[name]?.start ?? 0) < end) name++;
    lines.push({ start, end, names: names.slice(from, name) });
    start = end + 1;
  }
  return lines;
}
