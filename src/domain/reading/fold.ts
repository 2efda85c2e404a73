/**
 * Text as it reads, so that words are found however they are dressed: NFKC, lower case, accents off, invisible
 * characters out. Every folded character knows where it came from, since evidence quotes the original.
 */

import { Buffer } from 'node:buffer';

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
  const out = new Output(original.length);
  const seen = { invisible: 0, dressed: 0, heaped: 0 };
  let marks = 0;
  for (let at = 0; at < original.length; at++) {
    const unit = original.charCodeAt(at);
    if (unit < 128) {
      out.put(unit >= 65 && unit <= 90 ? unit + 32 : unit, at);
      marks = 0;
      continue;
    }
    const code = unit >= 0xd800 && unit <= 0xdbff ? (original.codePointAt(at) ?? unit) : unit;
    const piece = isInvisible(code) ? '' : foldOne(code);
    for (let i = 0; i < piece.length; i++) out.put(piece.charCodeAt(i), at);
    if (code > 0xffff) at++;
    if (piece !== '') {
      marks = 0;
      if (isDress(code) && latin.test(piece)) seen.dressed++;
    } else if (isInvisible(code)) {
      if (letter.test(original[at - 1] ?? '') && letter.test(original[at + 1] ?? '')) seen.invisible++;
    } else if (code >= 0x300 && code <= 0x36f && ++marks > 1) seen.heaped++;
  }
  return { ...out.taken(), ...seen };
}

/** Units and where each came from, in arrays that grow: a few signs fold to several letters. */
class Output {
  #units: Uint16Array<ArrayBuffer>;
  #from: Int32Array<ArrayBuffer>;
  #length = 0;

  constructor(expected: number) {
    this.#units = new Uint16Array(expected + 64);
    this.#from = new Int32Array(expected + 64);
  }

  put(unit: number, at: number): void {
    if (this.#length === this.#units.length) this.#grow();
    this.#units[this.#length] = unit;
    this.#from[this.#length++] = at;
  }

  #grow(): void {
    const [units, from] = [this.#units, this.#from];
    this.#units = new Uint16Array(units.length * 2);
    this.#from = new Int32Array(units.length * 2);
    this.#units.set(units);
    this.#from.set(from);
  }

  taken(): { text: string; from: Int32Array } {
    const text = Buffer.from(this.#units.buffer, 0, this.#length * 2).toString('utf16le');
    return { text, from: this.#from.subarray(0, this.#length) };
  }
}

/** Mathematical, enclosed, full-width: letters that exist only as decoration of Latin ones. */
const isDress = (code: number) =>
  (code >= 0x1d400 && code <= 0x1d7ff) ||
  (code >= 0x2460 && code <= 0x24ff) ||
  (code >= 0xff21 && code <= 0xff5a) ||
  (code >= 0x1f130 && code <= 0x1f189);

/** What each unit folds to, asked once. Bounded by the number of units. */
const folded = Array.from<string | undefined>({ length: 65_536 });

function foldOne(code: number): string {
  const known = folded[code];
  if (known !== undefined) return known;
  const char = String.fromCodePoint(code);
  const plain = staysWhole(code)
    ? char
    : (special[char] ?? char.normalize('NFKD').replace(mark, '').toLowerCase().replace(mark, '').slice(0, 4));
  if (code < 65_536) folded[code] = plain;
  return plain;
}

/** Where a folded offset stands in the original. */
export const originOf = (folded: Folded, at: number, length: number): number =>
  folded.from === undefined ? at : (folded.from[at] ?? length);
