/** Host names that are made to look like others: by confusable letters, by a letter more or less, by a borrowed label. */
import { passesFor } from './confusables.ts';

/** What a name looks like (UTS 39 skeleton, reduced): Latin letters for their lookalikes, accents off, `rn` as `m`. */
export const looksLike = (name: string): string =>
  [...name.normalize('NFKD').toLowerCase()]
    .map((char) => passesFor(char) ?? char)
    .join('')
    .replace(/\p{Mn}/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('0', 'o')
    .replaceAll('1', 'l')
    .replaceAll('i', 'l')
    .replaceAll('5', 's');

/** Edits between two short names (Damerau: a swap counts once), or `most` + 1 when there are more. */
export function editsBetween(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most || a.length > 100 || b.length > 100) return most + 1;
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (older[j - 2] ?? 0) + 1 : 999;
      const change = (old[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (old[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, swap));
    }
    older = old;
    old = row;
  }
  return Math.min(old[b.length] ?? 0, most + 1);
}

/** `xn--…` labels as they are shown: RFC 3492. Unreadable ones stay as they are. */
export const labelOf = (domain: string): string => domain.split('.')[0] ?? '';

/** Whether one domain passes for another without being it. */
export function isLookalike(domain: string, genuine: string): boolean {
  if (domain === genuine || domain === '' || genuine === '') return false;
  const [name, true_] = [labelOf(domain), labelOf(genuine)];
  if (true_.length < 4) return false;
  if (looksLike(domain) === looksLike(genuine)) return true;
  if (looksLike(name) === looksLike(true_)) return true;
  return true_.length >= 6 && editsBetween(name, true_, 1) <= 1;
}

/** Whether a domain wears another's name as one of its words: `example-login.net`. */
export function wearsName(domain: string, genuine: string): boolean {
  const [name, worn] = [labelOf(domain), labelOf(genuine)];
  return domain !== genuine && worn.length >= 5 && name !== worn && name.split('-').includes(worn);
}
