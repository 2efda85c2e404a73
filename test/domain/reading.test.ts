/** Folding and words: what is written to be read by people only is read here too, and offsets lead back to it. */
import { expect, it } from 'vitest';
import { fold, originOf } from '../../src/domain/reading/fold.ts';
import { editsBetween, genuineNames, passesAs, wearsName } from '../../src/domain/reading/names.ts';
import { tokensOf } from '../../src/domain/reading/tokens.ts';

const wordsOf = (text: string) => tokensOf(fold(text), text.length).words;

it.each([
  ['PASSWORD', 'password'],
  ['ｐａｓｓｗｏｒｄ', 'password'],
  ['𝓹𝓪𝓼𝓼𝔀𝓸𝓻𝓭', 'password'],
  ['p\u200ba\u2060s\u00ads\ufeffword', 'password'],
  ['pássẃörd', 'password'],
  ['p\u0335a\u0335ssword', 'password'],
  ['раѕѕwоrd', 'password'],
  ['p a s s w o r d', 'password'],
  ['пароль', 'пароль'],
  ['Straße', 'strasse'],
  ['don’t', 'dont'],
])('%s reads %s', (written, read) => expect(wordsOf(written)).toEqual([read]));

it('every folded character knows where it came from', () => {
  const text = 'Ｙｏｕｒ p\u200bassword, 𝐧𝐨𝐰: ﬁn';
  const folded = fold(text);
  const { words, starts, ends } = tokensOf(folded, text.length);
  expect(words.map((_, i) => text.slice(starts[i], ends[i]))).toEqual([
    'Ｙｏｕｒ',
    'p\u200bassword',
    '𝐧𝐨𝐰',
    ':',
    'ﬁn',
  ]);
  expect(originOf(folded, folded.text.length, text.length)).toBe(text.length);
});

it('counts the dress, not the languages', () => {
  expect(fold('Ваш пароль naïve 비밀번호 パスワード')).toMatchObject({ invisible: 0, dressed: 0, heaped: 0 });
  expect(fold('p\u200ba\u200bss')).toMatchObject({ invisible: 2 });
  expect(tokensOf(fold('раѕѕwоrd пароль'), 15)).toMatchObject({ mixed: 1 });
});

it('lookalikes of a name: exchanged letters, one letter off, the name as a word; not the name itself', () => {
  const genuine = genuineNames(['examplehost.com']);
  for (const domain of [
    'examp1ehost.com',
    'exarnplehost.com',
    'exampleh0st.net',
    'exampelhost.com',
    'examplhost.com',
    'ехаmplehost.com',
  ])
    expect(passesAs(domain, genuine), domain).toBe(true);
  for (const domain of ['examplehost.com', 'example.com', 'hosting.example', 'examplehost.net'])
    expect(passesAs(domain, genuine), domain).toBe(false);
  expect(wearsName('examplehost-login.net', genuine)).toBe(true);
  expect(wearsName('examplehost.com', genuine)).toBe(false);
  expect(editsBetween('abcd', 'abdc', 2)).toBe(1);
});
