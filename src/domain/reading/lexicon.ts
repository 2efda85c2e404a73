/** The word lists of all languages in one tree, so that a text is looked through once however many there are. */
import type { Language, Notion } from '../languages/language.ts';
import { fold } from './fold.ts';
import { breaks, type Tokens, tokensOf } from './tokens.ts';

export interface Hit {
  readonly notion: Notion;
  /** First word and the word after the last. */
  readonly from: number;
  readonly to: number;
}

interface Node {
  readonly exact: Map<string, Node>;
  readonly stems: Map<string, Node>;
  /** Lengths of the stems, shortest first. */
  stemLengths: number[];
  /** Goes on after at most two words of any kind. */
  gap?: Node;
  readonly ends: { readonly notion: Notion; readonly languages: number }[];
}

export interface Lexicon {
  readonly root: Node;
  readonly common: Map<string, number>;
  readonly languages: readonly Language[];
}

const node = (): Node => ({ exact: new Map(), stems: new Map(), stemLengths: [], ends: [] });

export function lexiconOf(languages: readonly Language[]): Lexicon {
  const root = node();
  const common = new Map<string, number>();
  languages.forEach(({ words, common: little }, index) => {
    const language = 1 << index;
    for (const word of wordsOf(little)) common.set(word, (common.get(word) ?? 0) | language);
    for (const notion of Object.keys(words) as Notion[])
      for (const phrase of (words[notion] ?? '').split(',')) add(root, phrase.trim(), notion, language);
  });
  return { root, common, languages };
}

export const wordsOf = (text: string) => {
  const folded = fold(text);
  return tokensOf(folded, text.length).words;
};

function add(root: Node, phrase: string, notion: Notion, language: number): void {
  if (phrase === '') return;
  let here = root;
  for (const piece of phrase.split(/\s+/)) {
    if (piece === '+') {
      here.gap ??= node();
      here = here.gap;
      continue;
    }
    const stem = piece.endsWith('*');
    const words = wordsOf(stem ? piece.slice(0, -1) : piece);
    words.forEach((word, i) => {
      here = child(here, word, stem && i === words.length - 1);
    });
  }
  const same = here.ends.find((end) => end.notion === notion);
  if (same) here.ends.splice(here.ends.indexOf(same), 1, { notion, languages: same.languages | language });
  else here.ends.push({ notion, languages: language });
}

function child(parent: Node, word: string, stem: boolean): Node {
  const map = stem ? parent.stems : parent.exact;
  const known = map.get(word);
  if (known) return known;
  const made = node();
  map.set(word, made);
  if (stem && !parent.stemLengths.includes(word.length))
    parent.stemLengths = [...parent.stemLengths, word.length].sort((a, b) => a - b);
  return made;
}

/** Children of a node that a word leads to. */
function next(at: Node, word: string, into: Node[]): void {
  const exact = at.exact.get(word);
  if (exact) into.push(exact);
  for (const length of at.stemLengths) {
    if (length > word.length) break;
    const stem = at.stems.get(word.slice(0, length));
    if (stem) into.push(stem);
  }
}

/** Languages that a text may be in, by its little words; all of them when it has too few. */
export function languagesIn(lexicon: Lexicon, { words }: Tokens): number {
  const counts = lexicon.languages.map(() => 0);
  let known = 0;
  for (const word of words.length > 4000 ? words.slice(0, 4000) : words) {
    const mask = lexicon.common.get(word);
    if (mask === undefined) continue;
    known++;
    for (let i = 0; i < counts.length; i++) if (mask & (1 << i)) counts[i] = (counts[i] ?? 0) + 1;
  }
  const top = Math.max(...counts);
  if (known < 3) return -1;
  let mask = 0;
  counts.forEach((count, i) => {
    if (count >= top * 0.4 || lexicon.languages[i]?.common === '') mask |= 1 << i;
  });
  return mask | 1;
}

/** The nodes a first word leads to, remembered for one text: most words come again. */
function firsts(lexicon: Lexicon): (word: string) => readonly Node[] {
  const seen = new Map<string, readonly Node[]>();
  return (word) => {
    const known = seen.get(word);
    if (known) return known;
    const found: Node[] = [];
    next(lexicon.root, word, found);
    seen.set(word, found);
    return found;
  };
}

/** Every phrase in the text, the longest of each notion where they begin together; in order of their beginnings. */
export function hitsOf(lexicon: Lexicon, tokens: Tokens, languages = languagesIn(lexicon, tokens)): Hit[] {
  const hits: Hit[] = [];
  const first = firsts(lexicon);
  for (let from = 0; from < tokens.words.length; from++) {
    const starts = first(tokens.words[from] ?? '');
    if (starts.length === 0) continue;
    const best = new Map<Notion, number>();
    for (const start of starts) follow(start, from + 1, tokens, languages, best);
    for (const [notion, to] of best) hits.push({ notion, from, to });
  }
  return hits;
}

function follow(at: Node, to: number, tokens: Tokens, languages: number, best: Map<Notion, number>): void {
  for (const end of at.ends)
    if (end.languages & languages && (best.get(end.notion) ?? 0) < to) best.set(end.notion, to);
  if (to >= tokens.words.length || (tokens.before[to] ?? 0) >= breaks.paragraph) return;
  const found: Node[] = [];
  next(at, tokens.words[to] ?? '', found);
  for (const each of found) follow(each, to + 1, tokens, languages, best);
  if (!at.gap) return;
  for (let skip = 0; skip <= 2 && to + skip < tokens.words.length; skip++) {
    if (skip > 0 && (tokens.before[to + skip] ?? 0) >= breaks.sentence) return;
    const beyond: Node[] = [];
    next(at.gap, tokens.words[to + skip] ?? '', beyond);
    for (const each of beyond) follow(each, to + skip + 1, tokens, languages, best);
  }
}
