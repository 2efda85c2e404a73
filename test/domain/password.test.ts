/** What a chosen password must be: NIST 800-63B-4 3.1.1.2, ASVS 5.0 6.2. */
import { describe, expect, it } from 'vitest';
import { contextWords, passwordFaults } from '../../src/domain/password.ts';

const list = ['password', 'monkey', 'iloveyou', 'letmein', 'dragon', 'correcthorsebatterystaple'];
const rankOf = (text: string) => {
  const at = list.indexOf(text);
  return at < 0 ? undefined : at + 1;
};
const faults = (password: string, more: { logins?: string[]; context?: string[]; minLength?: number } = {}) =>
  passwordFaults({ password, minLength: 15, maxLength: 128, logins: [], context: [], ...more }, rankOf);

describe('length', () => {
  it.each([
    ['fourteen', 'xkcdlqpzmwnoib', 15],
    ['fourteen emoji, twice as long in UTF-16', '🦊🐻🐼🦁🐯🐨🐮🐷🐸🐵🐔🐧🐦🐤', 15],
    ['a composed form that only looks longer', `${'e\u0301'.repeat(5)}xkcdlqpz`, 15],
    ['eleven, with a second factor', 'xkcdlqpzmwn', 12],
  ])('refused: %s', (_, password, minLength) => {
    expect(faults(password, { minLength })[0]).toMatch(/at least/);
  });

  it.each([
    ['lower case', 'xkcdlqpzmwnoibv'],
    ['upper case', 'XKCDLQPZMWNOIBV'],
    ['digits', '750193846205184'],
    ['emoji', '🦊🐻🐼🦁🐯🐨🐮🐷🐸🐵🐔🐧🐦🐤🦆'],
    ['Cyrillic', 'тридцатьшоколадок'],
    ['letters and spaces', ' spaces are kept at both ends '],
    ['128 emoji', [...'🦊🐻🐼🦁🐯🐨🐮🐷🐸🐵🐔🐧🐦🐤🦆🦅'].join('').repeat(8)],
    ['a passphrase', 'plain words that nobody guesses'],
    ['a passphrase with a listed word in it', 'monkey walks over seven bridges'],
  ])('good, whatever its kinds of characters: %s', (_, password) => {
    expect(faults(password)).toEqual([]);
  });

  it('129 characters, and more bytes than are judged', () => {
    expect(faults('xyz'.repeat(43))).toEqual(['It is longer than 128 characters.']);
    expect(faults('👨‍👩‍👧‍👦🦊🐻'.repeat(60))).toEqual(['It is longer than 128 characters.']);
  });
});

describe('what attackers try first at that length', () => {
  it.each([
    'correcthorsebatterystaple',
    'CorrectHorseBatteryStaple',
    'correct horse battery staple',
    'correcthorsebatterystaple1!',
    'C0rrectH0rseB4tteryStaple2024',
    'password12345678',
    '123456_password_',
    'p@ssw0rdp@ssw0rd',
    'passwordpassword123',
    'iloveyouletmein!',
    'monkey-dragon-2024',
    'passwordpasswor',
  ])('listed, but for additions: %s', (password) => {
    expect(faults(password).join()).toMatch(/lists|repeats/);
  });

  it.each([
    'aaaaaaaaaaaaaaa',
    'abababababababab',
    'abcabcabcabcabc',
    'tortoisetortoise',
    'Tr4pTr4pTr4pTr4p1!',
  ])('repeats: %s', (password) => {
    expect(faults(password)).toContain('It repeats itself.');
  });

  it.each([
    'qwertyuiopasdfgh',
    '1qaz2wsx3edc4rfv',
    '123456789012345',
    'abcdefghijklmnop',
    'aaabbbcccdddeee',
    'QWERTZUIOP123456',
    '0987654321qwerty',
    'йцукенгшщзхъ123',
  ])('walks: %s', (password) => {
    expect(faults(password)).toContain('It follows the keyboard or counts on.');
  });
});

describe('whom it is for', () => {
  const host = { context: contextWords(['acmehost', 'alice.jones@wonder.example']), logins: ['alice'] };

  it.each([
    'my name is Alice okay',
    'alice is my name, you know',
    'alicealice2024ab',
    'AcmeHostAcmeHost1',
    'acmehost-2024-!!!',
    '4cm3h0st-2024-abc',
    'jones.wonder.2024!',
    'wonderalicejones1',
  ])('built around it: %s', (password) => {
    expect(faults(password, host).join()).toMatch(/built around|repeats/);
  });

  it.each([
    'acmehost towel bridge lantern quiet',
    'malice towards none of them',
    'seven wonders of an old world',
  ])('good, one word among others: %s', (password) => {
    expect(faults(password, host)).toEqual([]);
  });
});

it('all reasons are said at once, and none quotes the password', () => {
  const said = faults('alice1alice1', { logins: ['alice'] });
  expect(said).toHaveLength(3);
  expect(faults('hunter2').join()).not.toContain('hunter2');
});

it('hostile text is judged in no time', () => {
  const begun = performance.now();
  for (const text of ['a.'.repeat(64), '4@8(!1|0$5+7'.repeat(10), '\u0301'.repeat(128), 'é'.repeat(128)]) {
    faults(text, { logins: ['(a+)+$'], context: contextWords(['.*'.repeat(100)]) });
  }
  expect(performance.now() - begun).toBeLessThan(500);
});
