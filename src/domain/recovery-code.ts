/** Recovery codes: for the day the generator is lost. 120 random bits each, so that a keyed digest protects them. */
import { createHmac } from 'node:crypto';
import { base32Groups } from './base32.ts';

export const recoveryCodeBytes = 15;
export const recoveryCodesGiven = 10;

const form = /^[A-Z2-7]{24}$/;

/** 24 base32 letters in groups of four (RFC 4648), from 15 random bytes. */
export function recoveryCodeFrom(random: Buffer): string {
  if (random.length !== recoveryCodeBytes) {
    throw new RangeError(`a recovery code takes ${recoveryCodeBytes} random bytes`);
  }
  return base32Groups(random);
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
