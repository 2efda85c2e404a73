/** `$sha1$` of NetBSD: HMAC-SHA-1, over and over. Only libcrypt computes it. */
import { countFault, cryptScheme } from './crypt-scheme.ts';

const form = /^(\$sha1\$([1-9]\d{0,8})\$[./A-Za-z0-9]{1,64})\$([./A-Za-z0-9]{28})$/;

export const sha1Crypt = cryptScheme({
  name: 'sha1-crypt',
  labels: [],
  parse(text) {
    const [, setting, rounds, digest] = form.exec(text) ?? [];
    if (setting === undefined || digest === undefined) return null;
    return { setting, digest, count: Number(rounds) };
  },
  outOfBounds: ({ count }) => countFault('The rounds of $sha1$', count, { min: 1000, max: 1_000_000 }),
  rounds: ({ count }) => count / 76,
});
