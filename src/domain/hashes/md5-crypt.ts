/** `$1$` of FreeBSD and the same with Apache's mark `$apr1$`: a thousand rounds of MD5. */
import { createHash } from 'node:crypto';
import { cryptScheme } from './crypt-scheme.ts';
import { mixedText } from './crypt-text.ts';

const order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]];
const md5 = (...parts: readonly Uint8Array[]) => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The digest of a phrase under `$1$salt` or `$apr1$salt`, as 22 characters. */
function md5Rounds(phrase: Buffer, setting: string): string {
  const [, mark = '', saltText = ''] = setting.split('$');
  const salt = Buffer.from(saltText);
  const inner = md5(phrase, salt, phrase);
  const start = [phrase, Buffer.from(`$${mark}$`), salt];
  for (let left = phrase.length; left > 0; left -= 16) start.push(inner.subarray(0, Math.min(16, left)));
  for (let bits = phrase.length; bits > 0; bits >>= 1) {
    start.push((bits & 1) === 1 ? Buffer.alloc(1) : phrase.subarray(0, 1));
  }
  let digest = md5(...start);
  for (let round = 0; round < 1000; round += 1) {
    const odd = round % 2 === 1;
    const parts = [odd ? phrase : digest];
    if (round % 3 !== 0) parts.push(salt);
    if (round % 7 !== 0) parts.push(phrase);
    parts.push(odd ? digest : phrase);
    digest = md5(...parts);
  }
  return mixedText(digest, order);
}

const weak =
  'A thousand rounds of MD5, given up by their author in 2012: one machine guesses tens of millions a second.';

const kind = (name: string, mark: string, labels: readonly string[]) => {
  const form = new RegExp(`^(\\$${mark}\\$[^$:\\s]{0,8})\\$([./A-Za-z0-9]{22})$`);
  return cryptScheme({
    name,
    weak,
    labels,
    parse(text) {
      const [, setting, digest] = form.exec(text) ?? [];
      return setting === undefined || digest === undefined ? null : { setting, digest, count: 1000 };
    },
    outOfBounds: () => undefined,
    rounds: () => 10,
    compute: md5Rounds,
  });
};

export const md5Crypt = [
  kind('md5-crypt', '1', ['MD5-CRYPT', 'MD5']),
  // crypt(3) does not know Apache's mark.
  { ...kind('apr1', 'apr1', []), computer: 'itself' as const },
];
