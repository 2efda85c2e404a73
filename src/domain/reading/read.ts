/** A message read: its words, and which notions they express where. What every signal looks at. */
import { type Language, languages, type Notion } from '../languages/index.ts';
import type { Message } from '../message.ts';
import { type Folded, fold } from './fold.ts';
import { type Hit, hitsOf, languagesIn, lexiconOf } from './lexicon.ts';
import { breaks, type Tokens, tokensOf, url } from './tokens.ts';

export type { Hit } from './lexicon.ts';

export interface Evidence {
  readonly part: 'subject' | 'text' | 'sender' | 'link' | 'form' | 'attachment' | 'hidden' | 'headers';
  /** UTF-16 offsets in that part; 0 and the length of the quote where the whole of it counts. */
  readonly start: number;
  readonly end: number;
  readonly quote: string;
}

export interface Reading {
  readonly message: Message;
  readonly folded: Folded;
  readonly tokens: Tokens;
  /** Where a notion is expressed, in order. */
  readonly hits: (notion: Notion) => readonly Hit[];
  /** The number of the sentence that each word is in. */
  readonly sentences: Int32Array;
  /** How many words the subject has. */
  readonly subjectWords: number;
  readonly languages: readonly string[];
}

/** Of one notion: who says the same thing oftener says nothing more. */
const mostHits = 5_000;

let lexicon: ReturnType<typeof lexiconOf> | undefined;
const known: readonly Language[] = languages;

export function read(message: Message): Reading {
  lexicon ??= lexiconOf(known);
  const whole = `${message.subject}\n\n${message.text}`;
  const folded = fold(whole);
  const tokens = tokensOf(folded, whole.length);
  const mask = languagesIn(lexicon, tokens);
  const hits = new Map<Notion, Hit[]>();
  for (const hit of withAddresses(hitsOf(lexicon, tokens, mask), tokens)) {
    const same = hits.get(hit.notion);
    if (same && same.length < mostHits) same.push(hit);
    else if (!same) hits.set(hit.notion, [hit]);
  }
  const sentences = new Int32Array(tokens.words.length);
  for (let i = 1; i < sentences.length; i++)
    sentences[i] = (sentences[i - 1] ?? 0) + ((tokens.before[i] ?? 0) >= breaks.sentence ? 1 : 0);
  return {
    message,
    folded,
    tokens,
    hits: (notion) => hits.get(notion) ?? [],
    sentences,
    subjectWords: tokens.starts.filter((start) => start < message.subject.length).length,
    languages: known.filter((_, i) => mask & (1 << i)).map(({ code }) => code),
  };
}

/** A little word of any language that is read here: an article, a pronoun, a conjunction. */
export function littleWord(word: string): boolean {
  lexicon ??= lexiconOf(known);
  return lexicon.common.has(word);
}

/** An address of the web is a place to go, like "here". */
function withAddresses(hits: readonly Hit[], { words }: Tokens): Hit[] {
  const places = words.flatMap((word, at): Hit[] =>
    word === url ? [{ notion: 'here', from: at, to: at + 1 }] : [],
  );
  return places.length === 0 ? [...hits] : [...hits, ...places].sort((a, b) => a.from - b.from);
}

/** The words from one to before another, as they stand in the message. */
export function quoted(reading: Reading, from: number, to: number): Evidence {
  const { message, tokens } = reading;
  const start = tokens.starts[from] ?? 0;
  const end = tokens.ends[Math.max(from, to - 1)] ?? start;
  const before = message.subject.length + 2;
  if (start < message.subject.length)
    return spanOf('subject', message.subject, start, Math.min(end, message.subject.length));
  return spanOf('text', message.text, start - before, Math.min(end - before, message.text.length));
}

function spanOf(part: Evidence['part'], text: string, start: number, end: number): Evidence {
  const stop = Math.min(end, start + 300);
  return { part, start, end: stop, quote: text.slice(start, stop) };
}
