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

/** What somebody chose of a registered domain: `example` of `example.co.uk`. */
export const labelOf = (domain: string): string => domain.split('.')[0] ?? '';

/** Names to be compared with, prepared once. */
export interface Genuine {
  readonly domains: ReadonlySet<string>;
  readonly looks: ReadonlySet<string>;
  readonly labels: readonly string[];
  readonly words: ReadonlySet<string>;
}

/** `shortest`: labels of fewer letters are too common to be passed for. */
export function genuineNames(domains: readonly string[], shortest = 4): Genuine {
  const labels = [...new Set(domains.map(labelOf))].filter((label) => label.length >= shortest);
  return {
    domains: new Set(domains),
    looks: new Set(labels.map(looksLike)),
    labels: labels.filter((label) => label.length >= 6),
    words: new Set(labels.filter((label) => label.length >= 5)),
  };
}

/** Whether a domain passes for one of these without being it: the same look, or one letter off. */
export function passesAs(domain: string, { domains, looks, labels }: Genuine): boolean {
  const label = labelOf(domain);
  if (domains.has(domain) || label.length < 4) return false;
  const look = looksLike(label);
  // The same label under another ending is somebody else's good right, unless letters were exchanged for it.
  if (looks.has(look)) return !labels.includes(label) || look !== label;
  return labels.some(
    (other) =>
      Math.abs(other.length - label.length) <= 1 &&
      (other.startsWith(label.slice(0, 2)) || other.endsWith(label.slice(-2))) &&
      other !== label &&
      editsBetween(label, other, 1) <= 1,
  );
}

/** Whether a domain wears one of these names as one of its words: `example-login.net`. */
export function wearsName(domain: string, { domains, words }: Genuine): boolean {
  const label = labelOf(domain);
  return !domains.has(domain) && label.includes('-') && label.split('-').some((word) => words.has(word));
}
