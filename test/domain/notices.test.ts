/** What owners are told: each kind with what it says, and with attacker's text in it. */
import { describe, expect, it } from 'vitest';
import { mailText } from '../../src/domain/mailed.ts';
import { letterOf, type Notice, noticeKinds } from '../../src/domain/notices/index.ts';
import { programWords, quoted } from '../../src/domain/notices/notice.ts';

const about = {
  login: 'alice',
  at: new Date(Date.UTC(2026, 0, 5, 12)),
  secureLink: `https://login.host.test/secure?token=${'x'.repeat(43)}`,
};
const evil = 'pay at https://evil.example\r\nBcc: eve@evil.example\u202e<b>now</b>';
const at = { source: '192.0.2.1', userAgent: `Firefox ${evil}` };

/** A kind without a fixture fails the suite: what it says, and the same with attacker's text in it. */
const fixtures: { [K in Notice['kind']]: [Extract<Notice, { kind: K }>, RegExp] } = {
  access_made: [
    { kind: 'access_made', what: 'app_password', store: 'ftp', label: `laptop ${evil}`, ...at },
    /An app password "laptop pay at https .* for ftp was made/,
  ],
  email_changed: [
    { kind: 'email_changed', step: 'asked', newAddress: 'bob@new.example', ...at },
    /to another address \(b\.\.\. at new dot example\)/,
  ],
  factor_changed: [
    { kind: 'factor_changed', factor: 'passkey', change: 'removed', by: 'staff', label: evil, ...at },
    /A passkey .* was removed from the account alice by the staff of your host/,
  ],
  new_device: [
    { kind: 'new_device', login: 'alice', store: 'panel', channel: 'panel', ...at },
    /logged in to alice \(panel\) from 192\.0\.2\.1, with Firefox, on 5 January 2026, 12:00 UTC/,
  ],
  old_password: [
    { kind: 'old_password', login: 'alice', store: 'ftp', channel: 'ftp', ...at },
    /still tries the old password of alice \(ftp\).*It was not let in/,
  ],
  password_changed: [
    { kind: 'password_changed', login: 'alice', store: 'panel', by: 'reset', ...at },
    /The panel password of alice was set anew by the link/,
  ],
  passkey_cloned: [{ kind: 'passkey_cloned', label: evil }, /passkey/],
  recovery_code_used: [{ kind: 'recovery_code_used', left: 3 }, /recovery code/],
  sent_in_clear: [
    { kind: 'sent_in_clear', login: 'alice', store: 'ftp', channel: 'ftp', insteadUse: 'SFTP', ...at },
    /log in to alice \(ftp\) from 192\.0\.2\.1.*the password was not looked at.*set it to SFTP/,
  ],
};

describe.each(Object.keys(noticeKinds) as Notice['kind'][])('%s', (kind) => {
  const [notice, said] = fixtures[kind];
  const letter = letterOf(notice, about);
  const text = mailText(letter, 'the owner of alice', 'https://login.host.test');

  it('says what happened, and where to go when it was somebody else', () => {
    expect(letter.paragraphs.join(' ')).toMatch(said);
    expect(text.split('\n')).toContain(about.secureLink);
    expect(noticeKinds[kind].name).toBe(kind);
  });

  it('ATTACK: what somebody else chose to be called is no header, no link, no markup', () => {
    expect(letter.subject).not.toMatch(/[\r\n]|evil/);
    expect(text).not.toMatch(/https?:\/\/evil|eve@evil|evil\.example|[<>]|\u202e/);
    expect(text.match(/https?:\/\//g)).toHaveLength(2);
  });

  it('is plain ASCII in lines that no mail program breaks', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the bounds of ASCII
    expect(text).toMatch(/^[\x00-\x7f]*$/);
    const long = text.split('\n').filter((line) => line.length > 72);
    expect(long.filter((line) => !line.startsWith('https://'))).toEqual([]);
  });
});

it('quoted text is cut, keeps letters of any language, and has no dots to make links of', () => {
  expect(quoted('Laptop von Zoë (weiß)')).toBe('Laptop von Zoë (weiß)');
  expect(quoted('www.evil.example/x?y=1')).toBe('www evil example x y 1');
  expect(quoted('x'.repeat(100))).toBe(`${'x'.repeat(60)}...`);
});

it.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
    'Chrome on Windows',
  ],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1', 'Safari on iOS'],
  ['FileZilla/3.69', 'FileZilla'],
  ['something of the attacker’s own', undefined],
  ['Linux', 'a program on Linux'],
  [undefined, undefined],
])('programs have names of ours: %s', (userAgent, words) => {
  expect(programWords(userAgent)).toBe(words);
});
