/**
 * Text as it reads, so that words are found however they are dressed: NFKC, lower case, accents off, invisible
 * characters out. Every folded character knows where it came from, since evidence quotes the original.
 */

export interface Folded {
  readonly text: string;
  /** Offset in the original of each folded character; absent when they are the same. */
  readonly from?: Int32Array;
  /** Invisible characters between letters. */
  readonly invisible: number;
  /** Latin letters in fancy dress: mathematical, circled, full width. */
  readonly dressed: number;
  /** Marks heaped on letters that no language puts there. */
  readonly heaped: number;
}

const special: Record<string, string> = {
  ß: 'ss', ẞ: 'ss', æ: 'ae', Æ: 'ae', œ: 'oe', Œ: 'oe', ø: 'o', Ø: 'o', ł: 'l', Ł: 'l', đ: 'd', Đ: 'd', ı: 'i',
  '’': "'", '‘': "'", '‐': '-', '‑': '-', '–': '-', '—': '-', '\u00a0': ' ',
}; // biome-ignore format: a table

/** Zero-width, direction, variation and tag characters, and the soft hyphen. */
function isInvisible(code: number): boolean {
  if (code < 0x200b) return code === 0xad || code === 0x34f || code === 0x61c || code === 0x180e;
  if (code <= 0x200f) return true;
  if (code >= 0x202a && code <= 0x202e) return true;
  if (code >= 0x2060 && code <= 0x206f) return true;
  return (code >= 0xfe00 && code <= 0xfe0f) || code === 0xfeff || (code >= 0xe0000 && code <= 0xe01ef);
}

/** Scripts whose letters fall apart under NFKD and must not: kana, Hangul, ideographs. */
const staysWhole = (code: number) =>
  (code >= 0x3040 && code <= 0x30ff) ||
  (code >= 0x3400 && code <= 0x9fff) ||
  (code >= 0xac00 && code <= 0xd7a3);

const mark = /\p{Mn}/gu;
const ascii = /^[\0-\x7f]*$/;
const latin = /^[a-z0-9]+$/;
const letter = /[\p{L}\p{N}]/u;

export function fold(original: string): Folded {
  if (ascii.test(original)) return { text: original.toLowerCase(), invisible: 0, dressed: 0, heaped: 0 };
  let from = new Int32Array(original.length + 1024);
  const pieces: string[] = [];
  const seen = { invisible: 0, dressed: 0, heaped: 0 };
  let length = 0;
  let marks = 0;
  for (let at = 0; at < original.length; ) {
    const code = original.codePointAt(at) ?? 0;
    const size = code > 0xffff ? 2 : 1;
    let piece: string;
    if (code < 128) {
      piece = String.fromCharCode(code >= 65 && code <= 90 ? code + 32 : code);
      marks = 0;
    } else if (isInvisible(code)) {
      piece = '';
      const next = original[at + size];
      if (at > 0 && next !== undefined && letter.test(original[at - 1] ?? '') && letter.test(next))
        seen.invisible++;
    } else {
      piece = foldOne(String.fromCodePoint(code), code);
      if (piece === '' && code >= 0x300 && code <= 0x36f && ++marks > 1) seen.heaped++;
      else if (piece !== '') {
        marks = 0;
        if (isDress(code) && latin.test(piece)) seen.dressed++;
      }
    }
    if (length + piece.length > from.length) from = longer(from);
    for (let i = 0; i < piece.length; i++) from[length + i] = at;
    length += piece.length;
    pieces.push(piece);
    at += size;
  }
  return { text: pieces.join(''), from: from.subarray(0, length), ...seen };
}

/** A few signs fold to several letters: a text of them alone is four times as long. */
function longer(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const more = new Int32Array(from.length * 2);
  more.set(from);
  return more;
}

/** Mathematical, enclosed, full-width: letters that exist only as decoration of Latin ones. */
const isDress = (code: number) =>
  (code >= 0x1d400 && code <= 0x1d7ff) ||
  (code >= 0x2460 && code <= 0x24ff) ||
  (code >= 0xff21 && code <= 0xff5a) ||
  (code >= 0x1f130 && code <= 0x1f189);

/** What each unit folds to, asked once. Bounded by the number of units. */
const folded: (string | undefined)[] = [];

function foldOne(char: string, code: number): string {
  if (staysWhole(code)) return char;
  const known = folded[code];
  if (known !== undefined) return known;
  const plain =
    special[char] ?? char.normalize('NFKD').replace(mark, '').toLowerCase().replace(mark, '').slice(0, 4);
  if (code < 65_536) folded[code] = plain;
  return plain;
}

/** Where a folded offset stands in the original. */
export const originOf = (folded: Folded, at: number, length: number): number =>
  folded.from === undefined ? at : (folded.from[at] ?? length);
