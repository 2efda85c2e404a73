/** Recovery codes: for the day the generator is lost. 120 random bits each, so that a keyed digest protects them. */
import { createHmac } from 'node:crypto';

export const recoveryCodeBytes = 15;
export const recoveryCodesGiven = 10;

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const form = /^[A-Z2-7]{24}$/;

/** 24 base32 letters in groups of four (RFC 4648), from 15 random bytes. */
export function recoveryCodeFrom(random: Buffer): string {
  if (random.length !== recoveryCodeBytes) {
    throw new RangeError(`a recovery code takes ${recoveryCodeBytes} random bytes`);
  }
  const bits = [...random].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const fives = bits.match(/.{5}/g) ?? [];
  const text = fives.map((five) => letters.charAt(Number.parseInt(five, 2))).join('');
  return (text.match(/.{4}/g) ?? []).join('-');
}

/** What is kept of a code; undefined for a text that is none. Case and grouping do not matter, nor 0, 1 and 8 for O, I and B. */
export function recoveryCodeDigest(key: Buffer, accountId: string, text: string): Buffer | undefined {
  const code = text
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('0', 'O')
    .replaceAll('1', 'I')
    .replaceAll('8', 'B');
  if (!form.test(code)) return undefined;
  return createHmac('sha256', key).update(`recovery code\n${accountId}\n${code}`).digest();
}
