/**
 * Where a text says what a secret is: behind its name and a sign or a verb, in quotes, on the line below, in the table
 * under it, or before it. What is covered there is covered whole, known words or not.
 */
import { firstFrom, level } from './reading/known.ts';
import type { Reading } from './reading/read.ts';
import type { SecretName } from './reading/secret-names.ts';

export interface Line {
  readonly start: number;
  readonly end: number;
  readonly names: readonly SecretName[];
}

type Cover = (from: number, to: number) => void;

/** Lines of a form have few words, and so have the heads of tables. */
const fewWords = 4;
/** Names and verbs are this close. */
const within = 60;

const verbs =
  'is|was|are|were|ist|war|lautet|est|sera|es|era|será|é|è|sarà|jest|это|есть|είναι|är|هو|هي|הוא|היא';
const verbsRightBehind = `${verbs}|be|reads|equals?|becomes|named|called|heißt|olan|adalah|ialah|là|है`;
const space = String.raw`[\s\p{Cf}\p{Cc}]`;
const closing = `["'”’»)\\]*_]{0,3}`;
/** Right behind a name: any sign but those that sentences have, an opening quote, a verb; in Korean a particle. */
const equals = new RegExp(
  [
    String.raw`^${closing}${space}*(?!-\p{L})[^\p{L}\p{N}\p{M}\s.,;?!&)\]"'“”„«‘’»「『。、、，]`,
    String.raw`^(?!['’]s\s)${space}*["'“”„«‘’「『](?=[^\s\p{P}])`,
    String.raw`^${space}*(?:就是|[はがは是為为]|[는은이가](?=\s))`,
    String.raw`^${closing}${space}+(?:${verbsRightBehind})(?=[^\p{L}]|$)`,
  ].join('|'),
  'iu',
);
const later = new RegExp(String.raw`^[^.,;:?!\n]{0,${within}}?\s(?:${verbs})(?=[^\p{L}]|$)`, 'iu');
/** Further on; within an address it is none. */
const sign = /[＝：→⇒]|->|[=:](?=[\s"'“]|$)|\s[=:]/u;
/** "I set the password to": what follows is the password. */
const setting = /(?:^|[^\p{L}])(?:set|made|put|changed|switched|gesetzt|geändert)\s+(?:\S+\s+){0,3}$/iu;
const goal = /^\s+(?:to|into|as|auf|zu)\s/i;
const signBefore = /(?:[:=：＝~|→⇒–—]|->|=>)\s*(?:\p{L}{1,7}\s+){0,2}$/u;
const verbBefore = new RegExp(`(?:^|\\s)(?:${verbs})\\s+(?:\\p{L}{1,7}\\s+){0,2}$`, 'iu');
const separators = /[|\t;,]|\s{3,}/;

interface Columns {
  readonly sign: string | undefined;
  readonly words: number;
}

/** Covers every answer. Linear in the text: lines are looked at once, and what lies around a name within a few words. */
export function coverAnswers(
  whole: string,
  reading: Reading,
  levels: Uint8Array,
  lines: readonly Line[],
  cover: Cover,
): void {
  const { starts, words } = reading.tokens;
  /** Answers that lines below still owe, across empty lines; and the table that goes on until one. */
  let owed = 0;
  let columns: Columns | undefined;
  for (const line of lines) {
    const text = whole.slice(line.start, line.end);
    const count = firstFrom(starts, line.end) - firstFrom(starts, line.start);
    if (text.trim() === '') columns = undefined;
    else if (line.names.length === 0) {
      if (columns !== undefined && !inTable(text, count, columns)) columns = undefined;
      if (owed > 0 || columns !== undefined) cover(line.start, line.end);
      if (owed > 0) owed--;
    } else {
      const from = coverLine(whole, reading, levels, line, cover);
      if (from !== undefined && whole.slice(from, line.end).trim() === '') owed++;
      else if (count <= fewWords * 2 && isHead(line, text)) {
        columns = { sign: separators.exec(text.trim())?.[0], words: count };
      }
    }
  }

  /** Whether a line says neither whose secret it is nor what to do with it, as the heads of tables do. */
  function isHead({ start, end, names }: Line, text: string): boolean {
    if (/[.!?]\s*$/.test(text)) return false;
    let name = 0;
    for (let i = firstFrom(starts, start); i < starts.length && (starts[i] ?? 0) < end; i++) {
      const at = starts[i] ?? 0;
      while (name < names.length && (names[name]?.last ?? 0) <= at) name++;
      const inName = (names[name]?.start ?? end) <= at;
      if (!inName && (levels[i] ?? 0) >= level.asking && !words[i]?.startsWith('\u0001')) return false;
    }
    return true;
  }
}

const inTable = (text: string, words: number, columns: Columns) =>
  columns.sign === undefined ? words <= columns.words + 2 : text.includes(columns.sign);

/** Covers what a line says behind its names and before the first; answers where an answer begins that goes to its end. */
function coverLine(
  whole: string,
  reading: Reading,
  levels: Uint8Array,
  line: Line,
  cover: Cover,
): number | undefined {
  const first = line.names[0]?.start ?? line.end;
  const near = whole.slice(Math.max(line.start, first - within), first);
  if (signBefore.test(near)) cover(line.start, first);
  else {
    const verb = verbBefore.exec(near);
    if (verb !== null) cover(threeWordsBefore(whole, line.start, first - near.length + verb.index), first);
  }
  for (const [i, name] of line.names.entries()) {
    const next = line.names[i + 1]?.start ?? line.end;
    for (const end of name.end === name.last ? [name.end] : [name.end, name.last]) {
      const from = answerBehind(whole, line, name.start, end, next);
      if (from === undefined) continue;
      cover(from, line.end);
      return from;
    }
    coverDirect(whole, reading, levels, name.last, next, cover);
  }
  return undefined;
}

function threeWordsBefore(whole: string, start: number, end: number): number {
  let at = end;
  for (let i = 0; i < 3 && at > start; i++) at = whole.lastIndexOf(' ', at - 1);
  return Math.max(start, at);
}

/** Where an answer begins between a name and the next one. A sign between two names parts them, and says nothing. */
function answerBehind(
  whole: string,
  line: Line,
  start: number,
  from: number,
  to: number,
): number | undefined {
  const found = equals.exec(whole.slice(from, Math.min(line.end, from + within)));
  if (found !== null) {
    const behind = from + found[0].length;
    return behind < to || to === line.end ? behind : undefined;
  }
  const between = whole.slice(from, Math.min(to, from + within));
  const verb = later.exec(between);
  if (verb !== null) return from + verb[0].length;
  const goals = goal.exec(between);
  if (goals !== null && setting.test(whole.slice(Math.max(line.start, start - within), start)))
    return from + goals[0].length;
  const signs = sign.exec(whole.slice(from, to));
  return signs === null ? undefined : from + signs.index + signs[0].length;
}

/** The first words behind a name that are neither little ones nor those of a request. */
function coverDirect(
  whole: string,
  reading: Reading,
  levels: Uint8Array,
  from: number,
  to: number,
  cover: Cover,
): void {
  const { starts, ends } = reading.tokens;
  let at = firstFrom(starts, from);
  while (at < starts.length && (starts[at] ?? 0) < to && levels[at] === level.little) at++;
  for (; at < starts.length && (starts[at] ?? 0) < to && (levels[at] ?? 0) < level.asking; at++)
    cover(starts[at] ?? 0, Math.min(whole.length, ends[at] ?? 0));
}
