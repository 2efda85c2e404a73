/** `$7$`: scrypt (RFC 7914) in the text form of Colin Percival's and of libsodium. */
import { scryptSync } from 'node:crypto';
import { cryptScheme } from './crypt-scheme.ts';
import { bytesText, digitOf, textNumber } from './crypt-text.ts';
import { memoryFault, mostMemory } from './memory.ts';

const form = /^(\$7\$([./A-Za-z0-9]{11})[^$:\s]{0,64})\$([./A-Za-z0-9]{43})$/;

/** log2 of N in one character, r and p in five each. */
function costsOf(setting: string): { N: number; r: number; p: number } {
  return {
    N: 2 ** digitOf(setting[3]),
    r: textNumber(setting.slice(4, 9)),
    p: textNumber(setting.slice(9, 14)),
  };
}

export const scrypt = cryptScheme({
  name: 'scrypt',
  labels: [],
  parse(text) {
    const [, setting, , digest] = form.exec(text) ?? [];
    if (setting === undefined || digest === undefined) return null;
    const { N, r, p } = costsOf(setting);
    return { setting, digest, count: 128 * N * r * p };
  },
  outOfBounds({ setting, count }) {
    const { N, r, p } = costsOf(setting);
    if (N < 2 || r < 1 || p < 1) return 'N, r and p of scrypt must not be zero.';
    return memoryFault('scrypt', 128 * (N * r + p * r), count);
  },
  rounds: ({ count }) => count / 26_000,
  /** A third slower than libcrypt's. */
  compute(phrase, setting) {
    const costs = costsOf(setting);
    const salt = Buffer.from(setting.slice(14));
    return bytesText(scryptSync(phrase, salt, 32, { ...costs, maxmem: 2 * mostMemory }));
  },
});
