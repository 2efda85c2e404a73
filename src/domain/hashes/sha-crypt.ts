/** `$5$` and `$6$`: Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512", revision 0.6. */
import { createHash } from 'node:crypto';
import { countFault, cryptScheme } from './crypt-scheme.ts';
import { mixedText } from './crypt-text.ts';

const defaultRounds = 5000;
const setting = /^\$[56]\$(?:rounds=(\d+)\$)?(.*)$/;

/** Groups of three that walk through the digest, each turned by one against the one before. */
function orderOf(bytes: 32 | 64): number[][] {
  const third = Math.floor(bytes / 3);
  const groups = Array.from({ length: third }, (_, n) => {
    const row = [n, n + third, n + 2 * third];
    // SHA-256 turns the other way round than SHA-512.
    const turn = bytes === 64 ? n % 3 : (3 - (n % 3)) % 3;
    return [...row.slice(turn), ...row.slice(0, turn)];
  });
  return [...groups, bytes === 64 ? [63] : [31, 30]];
}

const filled = (block: Buffer, length: number) => Buffer.alloc(length, block);

/** The digest of a phrase, in the text form of crypt(3). */
function shaRounds(phrase: Buffer, text: string, algorithm: 'sha256' | 'sha512'): string {
  const bytes = algorithm === 'sha256' ? 32 : 64;
  const hash = () => createHash(algorithm);
  const [, said, saltText = ''] = setting.exec(text) ?? [];
  const rounds = said === undefined ? defaultRounds : Number(said);
  const salt = Buffer.from(saltText);

  const inner = hash().update(phrase).update(salt).update(phrase).digest();
  const start = hash().update(phrase).update(salt).update(filled(inner, phrase.length));
  for (let bits = phrase.length; bits > 0; bits >>= 1) start.update((bits & 1) === 1 ? inner : phrase);
  let digest = start.digest();

  const phraseHash = hash();
  for (let n = 0; n < phrase.length; n += 1) phraseHash.update(phrase);
  const p = filled(phraseHash.digest(), phrase.length);
  const saltHash = hash();
  for (let n = 0; n < 16 + (digest[0] ?? 0); n += 1) saltHash.update(salt);
  const s = filled(saltHash.digest(), salt.length);

  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1;
    const next = hash().update(odd ? p : digest);
    if (round % 3 !== 0) next.update(s);
    if (round % 7 !== 0) next.update(p);
    digest = next.update(odd ? digest : p).digest();
  }
  return mixedText(digest, orderOf(bytes));
}

const kind = (name: string, mark: 5 | 6, algorithm: 'sha256' | 'sha512', labels: readonly string[]) => {
  const letters = algorithm === 'sha256' ? 43 : 86;
  const form = new RegExp(
    `^(\\$${mark}\\$(?:rounds=([1-9]\\d{0,8})\\$)?[^$:\\s]{0,16})\\$([./A-Za-z0-9]{${letters}})$`,
  );
  return cryptScheme({
    name,
    labels,
    parse(text) {
      const [, found, rounds, digest] = form.exec(text) ?? [];
      if (found === undefined || digest === undefined) return null;
      return { setting: found, digest, count: Number(rounds ?? defaultRounds) };
    },
    outOfBounds: ({ count }) => countFault('The rounds of SHA-crypt', count, { min: 1000, max: 1_000_000 }),
    rounds: ({ count }) => count / 190,
    compute: (phrase, text) => shaRounds(phrase, text, algorithm),
  });
};

export const shaCrypt = [
  kind('sha256-crypt', 5, 'sha256', ['SHA256-CRYPT']),
  kind('sha512-crypt', 6, 'sha512', ['SHA512-CRYPT']),
];
