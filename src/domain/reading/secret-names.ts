/** Where a text names a secret, whatever language it seems to be in, and however the name is disguised. */
import { languages } from '../languages/index.ts';
import { fold, originOf } from './fold.ts';
import { firstFrom, moreNames } from './known.ts';
import { hitsOf, type Lexicon, lexiconOf } from './lexicon.ts';
import type { Reading } from './read.ts';

export interface SecretName {
  /** UTF-16 offsets in subject, empty line and text; where names overlap, the first and the last end. */
  readonly start: number;
  readonly end: number;
  readonly last: number;
}

let lexicon: Lexicon | undefined;

const ofSecrets = () =>
  lexiconOf([
    ...languages.map(({ code, words }) => ({ code, common: '', words: { secret: words.secret ?? '' } })),
    { code: 'more', common: '', words: { secret: moreNames } },
  ]);

/** Parts that only names of secrets have, with their endings or without spaces around them; accents are off. */
const parts = `passw pasw passcod passphr hasl[oaey] hesl[oaeu] lozink losenord adgangskod kodeord passord salasana sifre parol jelsz kennw
  contrasen slaptazod парол лозинк κωδικ συνθηματ wagwoord fjalekal pasahitz nenosiri cyfrinair`;
const unspaced = `密码 密碼 口令 暗证 暗証 暗号 パスワ パスコ 비밀번호 비번 암호 패스워 סיסמ ססמ باسورد پسورد گذرواژ รหัส पासवर পাসওয கடவுச் პაროლ գաղտնաբառ`;
const folded = (list: string) => list.split(/\s+/).map((each) => fold(each).text);
/** `pa$$word`, `p@ssw0rd`, `passw*rd`, `pass-word`. */
const leet = String.raw`p[^\p{L}\n]?[a@4*]?[^\p{L}\n]?[s$5z*][^\p{L}\n]?[s$5z*]?[^\p{L}\n]?(?:w|vv)[^\p{L}\n]?[o0@*]?[^\p{L}\n]?r?[dt*]`;
const disguised = new RegExp(
  `(?:${folded(parts).join('|')})\\p{L}{0,3}|${folded(unspaced).join('|')}|${leet}`,
  'gu',
);

/** Words of the reading before an offset that name a secret, in order. */
export function nameHits({ tokens }: Reading, limit: number): { from: number; to: number }[] {
  lexicon ??= ofSecrets();
  const until = firstFrom(tokens.starts, limit);
  return hitsOf(lexicon, { ...tokens, words: tokens.words.slice(0, until) }, -1);
}

/** All names before an offset, in order, those that overlap taken together. */
export function secretNames(
  reading: Reading,
  hits: readonly { from: number; to: number }[],
  limit: number,
): SecretName[] {
  const { starts, ends } = reading.tokens;
  const spans = hits.map(({ from, to }) => ({ start: starts[from] ?? 0, end: ends[to - 1] ?? 0 }));
  const length = reading.message.subject.length + 2 + reading.message.text.length;
  for (const found of reading.folded.text.slice(0, limit * 2).matchAll(disguised)) {
    const start = originOf(reading.folded, found.index, length);
    if (start >= limit) break;
    spans.push({ start, end: originOf(reading.folded, found.index + found[0].length, length) });
  }
  const names: { start: number; end: number; last: number }[] = [];
  for (const { start, end } of spans.sort((a, b) => a.start - b.start)) {
    const before = names.at(-1);
    if (start >= limit) break;
    if (before === undefined || start >= before.last) names.push({ start, end, last: end });
    else
      names[names.length - 1] = {
        ...before,
        end: Math.min(before.end, end),
        last: Math.max(before.last, end),
      };
  }
  return names;
}
