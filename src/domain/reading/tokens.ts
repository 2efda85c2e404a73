/** Words of a folded text, with where they stand and what separates them. One pass by character, no expressions. */
import { passesFor } from './confusables.ts';
import { type Folded, originOf } from './fold.ts';

/** What stands before a word: nothing, a comma, the end of a sentence, a new line, a new paragraph. */
export const breaks = { none: 0, comma: 1, line: 2, sentence: 3, paragraph: 4 } as const;

export interface Tokens {
  readonly words: string[];
  /** Where each begins and ends in the original. */
  readonly starts: number[];
  readonly ends: number[];
  readonly before: number[];
  /** Words with letters of two scripts that pass for one word. */
  readonly mixed: number;
  /** Words spelt with spaces between their letters. */
  readonly spaced: number;
  readonly cut: boolean;
}

export const address = '\u0001address';
export const url = '\u0001url';
/** A blank to be filled in: `____`, `.....`, `[   ]`. */
export const blank = '\u0001blank';
export const colon = '\u0001colon';
export const question = '\u0001question';

/** A long book's chapter in mail; what comes after is not judged, and the verdict says so. */
const most = 60_000;

const isDigit = (code: number) => code >= 48 && code <= 57;
const isLatin = (code: number) => code >= 97 && code <= 122;
const wide = /[\p{L}\p{N}\p{M}]/u;
/** Whether a unit belongs to a word, asked once each: 1 no, 2 yes. */
const known = new Uint8Array(65_536);
function isWord(code: number): boolean {
  if (code < 128) return isLatin(code) || isDigit(code);
  if (known[code] === 0) known[code] = code !== 0xb7 && wide.test(String.fromCharCode(code)) ? 2 : 1;
  return known[code] === 2;
}
/** Written without spaces: each character is a word of its own. */
const isSingle = (code: number) =>
  (code >= 0x3040 && code <= 0x30ff && code !== 0x30fc) || (code >= 0x3400 && code <= 0x9fff);
const isSpace = (code: number) => code === 32 || code === 9 || code === 10 || code === 13 || code === 0x3000;

export function tokensOf(folded: Folded, length: number, limit = most): Tokens {
  const { text } = folded;
  const words: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const before: number[] = [];
  const counts = { mixed: 0, spaced: 0 };
  let pending: number = breaks.paragraph;
  /** Up to here no address begins: it has been looked for already. */
  let searched = 0;
  const put = (word: string, from: number, to: number) => {
    words.push(word.length > 40 ? word.slice(0, 40) : word);
    starts.push(originOf(folded, from, length));
    ends.push(to >= text.length ? length : originOf(folded, to, length));
    before.push(pending);
    pending = breaks.none;
  };
  const separate = (how: number) => {
    if (how > pending) pending = how;
  };
  let at = 0;
  while (at < text.length && words.length < limit) {
    const code = text.charCodeAt(at);
    if (code === 10) {
      separate(pending >= breaks.line && text.charCodeAt(at - 1) === 10 ? breaks.paragraph : breaks.line);
      at++;
    } else if (isSpace(code)) at++;
    else if (isWord(code)) at = word(at);
    else at = sign(at, code);
  }
  return { words, starts, ends, before, ...counts, cut: at < text.length };

  function word(from: number): number {
    if (isSingle(text.charCodeAt(from))) {
      put(text.charAt(from), from, from + 1);
      return from + 1;
    }
    const begins = from >= searched && (from === 0 || !isWord(text.charCodeAt(from - 1)));
    const special = begins ? wholeOf(text, from) : undefined;
    if (special) searched = special.to;
    if (special?.kind !== undefined) {
      put(special.kind, from, special.to);
      return special.to;
    }
    let to = from + 1;
    let other = text.charCodeAt(from) > 127;
    for (; to < text.length; to++) {
      const code = text.charCodeAt(to);
      if (isSingle(code)) break;
      if (isWord(code)) other ||= code > 127;
      else if (!(code === 39 && isWord(text.charCodeAt(to + 1) || 0))) break;
    }
    let read = text.slice(from, Math.min(to, from + 60));
    if (read.includes("'")) read = read.replaceAll("'", '');
    if (other) {
      const plain = unmask(read);
      if (plain !== read) counts.mixed++;
      read = plain;
    }
    if (read.length === 1 && to + 1 < text.length) {
      const joined = spelt(text, from);
      if (joined) {
        counts.spaced++;
        put(joined.word, from, joined.to);
        return joined.to;
      }
    }
    put(read, from, to);
    return to;
  }

  function sign(from: number, code: number): number {
    if (code === 46 || code === 95) {
      let to = from + 1;
      while (text.charCodeAt(to) === code) to++;
      if (to - from >= 4) {
        put(blank, from, to);
        return to;
      }
      separate(code === 46 ? breaks.sentence : breaks.none);
      return to;
    }
    if (code === 58 || code === 0xff1a) put(colon, from, from + 1);
    else if (code === 63 || code === 0xff1f || code === 0x61f) {
      put(question, from, from + 1);
      separate(breaks.sentence);
    } else if ('!;。！؛•|»›'.includes(text.charAt(from))) separate(breaks.sentence);
    else if (',()、،"[]<>*'.includes(text.charAt(from))) separate(breaks.comma);
    return from + 1;
  }
}

/** An address of the web or of a mailbox, taken as one word; or only how far none was found. */
function wholeOf(text: string, from: number): { kind?: string; to: number } {
  const http = text.startsWith('http', from) && /^https?:/.test(text.slice(from, from + 6));
  const web = http || text.startsWith('www.', from);
  let to = from;
  let at = -1;
  for (; to < text.length; to++) {
    const code = text.charCodeAt(to);
    if (isSpace(code) || code === 60 || code === 62 || code === 34 || code === 41) break;
    if (web) continue;
    if (code === 64 && at < 0) at = to;
    // Not further than an address is long: what comes after may be one again.
    if (to - from > (at < 0 ? 64 : 320)) return { to };
    if (at < 0 && code < 128 && !isWord(code) && !'.-_+='.includes(text.charAt(to))) return { to };
  }
  if (web) return { kind: url, to };
  const dot = at < 0 ? -1 : text.indexOf('.', at);
  return at > from && to - at >= 4 && dot > 0 && dot < to ? { kind: address, to } : { to };
}

/** A word of two scripts, in the letters it passes for. A word of one script is left alone: it is a language. */
function unmask(word: string): string {
  if (!/[a-z]/.test(word)) return word;
  let read = '';
  for (let i = 0; i < word.length; i++) {
    const char = word.charAt(i);
    const plain = char < '\u0080' ? char : passesFor(char);
    if (plain === undefined) return word;
    read += plain;
  }
  return read;
}

/** `p a s s w o r d`: five or more single letters, one space apart. */
function spelt(text: string, from: number): { word: string; to: number } | undefined {
  let word = text.charAt(from);
  let at = from;
  while (text.charCodeAt(at + 1) === 32 && isLatin(text.charCodeAt(at + 2)) && word.length < 30) {
    const after = text.charCodeAt(at + 3);
    if (Number.isNaN(after) || !isWord(after)) {
      word += text.charAt(at + 2);
      at += 2;
    } else break;
  }
  return word.length >= 5 ? { word, to: at + 1 } : undefined;
}
