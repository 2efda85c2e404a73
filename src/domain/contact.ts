/**
 * Announced contacts: before somebody of the house writes or calls about something delicate, it is announced and gets a
 * code, which is said in the message or call and which the customer looks up in his account.
 */
import { createHmac } from 'node:crypto';

/** Crockford's base 32: no letter that is read for another one on the phone. */
const signs = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 8;
/** Random bytes of a code: 40 bits, looked up in one account only. */
export const contactCodeBytes = 5;
/** A contact that nobody ended is over after this. */
export const contactDefaultMs = 7 * 86_400_000;
export const contactLongestMs = 30 * 86_400_000;

/** A code like `7QK4-M9XR`. */
export function contactCode(random: Buffer): string {
  if (random.length !== contactCodeBytes)
    throw new RangeError(`a code takes ${contactCodeBytes} random bytes`);
  let value = random.readUIntBE(0, contactCodeBytes);
  let code = '';
  for (let i = 0; i < length; i++) {
    code = (signs[value % 32] ?? '') + code;
    value = Math.floor(value / 32);
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** As people type and say it: any case, with or without the hyphen, O for 0, I and L for 1. Undefined for what is none. */
export function readContactCode(text: string): string | undefined {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(plain) ? plain : undefined;
}

const mostCandidates = 20;
/** UTF-16 units of a text in which a code may stand. */
const searched = 20_000;
/** At every place where one may begin: a word of four letters before a code must not swallow half of it. */
const shape = /(?<![0-9A-Za-z])(?=([0-9A-Za-z]{4}[- ]?[0-9A-Za-z]{4})(?![0-9A-Za-z]))/g;
/** A digit, or capitals: "this time" is none. */
const plainly = /\d|^[A-Z -]+$/;

/** What in a text may be a code of ours: each once, the first twenty. */
export function contactCodesIn(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [, candidate = ''] of text.slice(0, searched).matchAll(shape)) {
    const code = plainly.test(candidate) ? readContactCode(candidate) : undefined;
    if (code !== undefined) found.add(code);
    if (found.size === mostCandidates) break;
  }
  return [...found];
}

/** All that is kept of a code: useless without the installation's key. */
export function contactCodeHash(key: Buffer, accountId: string, code: string): Buffer {
  return createHmac('sha256', key).update(`contact:${accountId}:${code}`).digest();
}
