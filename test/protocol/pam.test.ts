/** The PAM link says the same in TypeScript and in C, and neither reads "allow" where the other does not. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  counterProofLength,
  encodeValue,
  formatGreeting,
  formatMessage,
  greetingLength,
  isJunkPassword,
  isTerminated,
  macFor,
  maxMessageBytes,
  maxMessageLines,
  pamAnswer,
  pamRequest,
  parseGreeting,
  parseMessage,
  parsePamKey,
  parseProof,
  proofLength,
} from '../../src/protocol/pam.ts';

const key = Buffer.alloc(32, 7);
const nonceA = 'a1'.repeat(32);
const nonceM = '0f'.repeat(32);

const text = fc
  .string({ unit: 'binary', maxLength: 60 })
  .filter((value) => !value.includes('\0') && !/\p{Surrogate}/u.test(value));
const fieldName = fc.stringMatching(/^[a-z][a-z0-9_]{0,31}$/).filter((name) => name !== 'end');

describe('messages', () => {
  test('whatever is written is read back, and travels as plain ASCII lines', () => {
    fc.assert(
      fc.property(fc.dictionary(fieldName, text, { maxKeys: 8 }), (fields) => {
        const message = formatMessage(fields);
        expect(message).toMatch(/^(?:[a-z][a-z0-9_]* [A-Za-z0-9._~:/@+%-]*\n)*end\n$/);
        expect(isTerminated(message)).toBe(true);
        expect(parseMessage(message)).toEqual({ ok: true, fields: { ...fields } });
      }),
    );
  });

  test('a message cut anywhere is not a message', () => {
    const message = formatMessage({ verdict: 'allow', login_id: 'lgn_1', message: 'ä %' });
    for (let length = 0; length < message.length; length++) {
      expect(parseMessage(message.slice(0, length))).toEqual({ ok: false, fault: 'unterminated' });
    }
  });

  test.each([
    ['duplicate_key', 'verdict deny\nverdict allow\nend\n'],
    ['duplicate_key', 'verdict allow\nx 1\nx 1\nend\n'],
    ['trailing', 'verdict allow\nend\nend\n'],
    ['trailing', 'verdict allow\nend\nverdict deny\n'.concat('end\n')],
    ['bad_key', 'verdict\nend\n'],
    ['bad_key', '\nend\n'],
    ['bad_key', ' verdict allow\nend\n'],
    ['bad_key', '__proto__ x\nend\n'],
    ['bad_key', `${'k'.repeat(33)} x\nend\n`],
    ['bad_value', 'a b c\nend\n'],
    ['bad_value', 'a b\r\nend\n'],
    ['bad_value', 'a %4\nend\n'],
    ['bad_value', 'a %0a\nend\n'],
    ['bad_value', 'a b\0\nend\n'],
    ['bad_value', 'a \xe4\nend\n'],
    ['nul', 'a %00\nend\n'],
    ['not_utf8', 'a %E4\nend\n'],
    ['overlong', `a ${'b'.repeat(maxMessageBytes)}\nend\n`],
    ['too_many_lines', `${Array.from({ length: maxMessageLines + 1 }, (_, i) => `k${i} 1\n`).join('')}end\n`],
  ])('%s: %j is refused whole', (fault, message) => {
    expect(parseMessage(message)).toEqual({ ok: false, fault });
  });

  test('what the other side would refuse is not sent', () => {
    expect(() => formatMessage({ Key: 'x' })).toThrow(RangeError);
    expect(() => formatMessage({ end: 'x' })).toThrow(RangeError);
    expect(() => formatMessage({ a: 'x\0' })).toThrow(RangeError);
    expect(() => formatMessage({ a: '\ud800' })).toThrow(RangeError);
    expect(() => formatMessage({ a: 'x'.repeat(maxMessageBytes) })).toThrow(RangeError);
    expect(formatMessage({ a: undefined, pid: 7 })).toBe('pid 7\nend\n');
  });
});

describe('the proof', () => {
  test('is the HMAC of role and both nonces, as openssl computes it', () => {
    expect(macFor('pam', key, nonceA, nonceM)).toBe(
      'd482f647751884ce0dbf0b1598ac242610a8c72834887ae8f3e278e52ed2ff10',
    );
  });

  test('of one side, of the nonces swapped and of another key are all different', () => {
    const macs = [
      macFor('pam', key, nonceA, nonceM),
      macFor('agent', key, nonceA, nonceM),
      macFor('pam', key, nonceM, nonceA),
      macFor('pam', Buffer.alloc(32, 8), nonceA, nonceM),
    ];
    expect(new Set(macs).size).toBe(4);
    expect(() => macFor('pam', Buffer.alloc(31), nonceA, nonceM)).toThrow(RangeError);
  });

  test('lines have the fixed lengths that both sides read', () => {
    const proof = `${nonceM} ${macFor('pam', key, nonceA, nonceM)}\n`;
    expect(formatGreeting(nonceA)).toHaveLength(greetingLength);
    expect(proof).toHaveLength(proofLength);
    expect(`${macFor('agent', key, nonceM, nonceA)}\n`).toHaveLength(counterProofLength);
    expect(parseGreeting(formatGreeting(nonceA))).toBe(nonceA);
    expect(parseProof(proof)?.nonce).toBe(nonceM);
    expect(parseGreeting(formatGreeting(nonceA.toUpperCase()))).toBeUndefined();
    expect(parseProof(`${proof}\n`)).toBeUndefined();
    expect(parseProof(proof.toUpperCase())).toBeUndefined();
  });

  test('key files hold 64 hex characters and nothing else', () => {
    expect(parsePamKey(`${'07'.repeat(32)}\n`)).toEqual(key);
    for (const bad of ['', '07', `${'07'.repeat(32)}\n\n`, `${'07'.repeat(33)}`, `${'0g'.repeat(32)}`]) {
      expect(parsePamKey(bad)).toBeUndefined();
    }
  });
});

const asked = { service: 'sshd', store: 'ssh', channel: 'ssh', login: 'alice', pid: '42' };

describe('requests and answers', () => {
  test('every phase is understood, and keys of a newer module are dropped', () => {
    expect(pamRequest.parse({ ask: 'auth', ...asked, password: '', newer: 'x' })).toEqual({
      ask: 'auth',
      ...asked,
      pid: 42,
      password: '',
    });
    expect(pamRequest.parse({ ask: 'auth', ...asked, junk: '1' })).toMatchObject({ junk: '1' });
    expect(pamRequest.parse({ ask: 'code', ...asked, handle: 'ab', code: '123456' })).toMatchObject({
      code: '123456',
    });
    expect(pamRequest.parse({ ask: 'factor', ...asked })).toMatchObject({ ask: 'factor' });
    for (const ask of ['account', 'open', 'close']) {
      expect(pamRequest.parse({ ask, ...asked, session_id: 'ses_1' })).toMatchObject({
        ask,
        session_id: 'ses_1',
      });
    }
  });

  test.each([
    ['neither password nor junk', { ask: 'auth', ...asked }],
    ['both', { ask: 'auth', ...asked, password: 'x', junk: '1' }],
    ['a code that is empty', { ask: 'code', ...asked, handle: 'ab', code: '' }],
    ['a code without its handle', { ask: 'code', ...asked, code: '123456' }],
    ['a code too long', { ask: 'code', ...asked, handle: 'ab', code: '1'.repeat(65) }],
    ['no login', { ask: 'open', ...asked, login: '' }],
    ['a question that does not exist', { ask: 'chauthtok', ...asked }],
    ['a pid that is none', { ask: 'open', ...asked, pid: '-1' }],
    ['an id with a path in it', { ask: 'close', ...asked, session_id: '../ses' }],
    ['a login too long', { ask: 'account', ...asked, login: 'ä'.repeat(128) }],
  ])('%s is refused', (_, fields) => {
    expect(pamRequest.safeParse(fields).success).toBe(false);
  });

  test('an answer takes no control characters to a terminal', () => {
    expect(pamAnswer.safeParse({ verdict: 'deny', message: 'Später.' }).success).toBe(true);
    expect(pamAnswer.safeParse({ verdict: 'deny', message: 'a\x1b[2J' }).success).toBe(false);
    expect(pamAnswer.safeParse({ verdict: 'deny', message: 'a\x9b2J' }).success).toBe(false);
    expect(pamAnswer.safeParse({ verdict: 'allow', key_line: 'ssh-ed25519 AAAA\nssh-rsa B' }).success).toBe(
      false,
    );
    expect(pamAnswer.safeParse({ verdict: 'maybe' }).success).toBe(false);
  });
});

const junk = (length: number) => '\b\n\r\x7fINCORRECT'.repeat(100).slice(0, length);

describe('the password that sshd makes up', () => {
  test('is known at every length, and nothing else is taken for it', () => {
    for (let length = 1; length <= 1024; length++) {
      expect(isJunkPassword(Buffer.from(junk(length)))).toBe(true);
      expect(isJunkPassword(Buffer.from(`${junk(length)}x`))).toBe(false);
    }
    expect(isJunkPassword(Buffer.alloc(0))).toBe(false);
    expect(isJunkPassword(Buffer.from('INCORRECT'))).toBe(false);
  });
});

function whatIsMissing(): string | undefined {
  if (spawnSync('cc', ['--version']).status !== 0) return 'a C compiler is needed (apt install gcc)';
  if (spawnSync('make', ['--version']).status !== 0) return 'make is needed (apt install make)';
  return existsSync('/usr/include/security/pam_ext.h') ? undefined : 'libpam0g-dev is needed';
}

const missing = process.env.CI === 'true' ? undefined : whatIsMissing();

describe.skipIf(missing !== undefined)(
  `the C side of the same rules${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let build = '';
    beforeAll(() => {
      build = mkdtempSync(join(tmpdir(), 'gatehouse-pam-'));
      const source = fileURLToPath(new URL('../../pam', import.meta.url));
      execFileSync('make', ['-s', '-C', source, `BUILD=${build}`, 'check'], { stdio: 'pipe' });
    }, 120_000);
    afterAll(() => rmSync(build, { recursive: true, force: true }));

    const unit = (word: string, lines: readonly string[]) =>
      execFileSync(join(build, 'asan/unit'), [word], {
        input: lines.map((line) => `${Buffer.from(line, 'latin1').toString('hex')}\n`).join(''),
        encoding: 'utf8',
      });

    test('proves with the same MAC', () => {
      for (const role of ['pam', 'agent'] as const) {
        const hex = key.toString('hex');
        const said = execFileSync(join(build, 'asan/unit'), ['mac', role, hex, nonceA, nonceM], {
          encoding: 'utf8',
        });
        expect(said.trim()).toBe(macFor(role, key, nonceA, nonceM));
      }
    });

    test('encodes the same text', () => {
      const samples = [...fc.sample(text, 300), '', ' ', '%', 'ä€🔒', 'a\nb', '~:/@+-._', '&="<>\\'];
      const bytes = samples.map((sample) => Buffer.from(sample).toString('latin1'));
      const said = unit('encode', bytes).split('\n').slice(0, -1);
      expect(said).toEqual(samples.map((sample) => `k ${encodeValue(sample)}`));
    });

    test('knows the same junk', () => {
      const samples = ['', ...fc.sample(text, 50), ...Array.from({ length: 60 }, (_, at) => junk(at))];
      const bytes = samples.map((sample) => Buffer.from(sample).toString('latin1'));
      const said = unit('junk', bytes).split('\n').slice(0, -1);
      expect(said).toEqual(
        bytes.map((sample) => (isJunkPassword(Buffer.from(sample, 'latin1')) ? '1' : '0')),
      );
    });

    /** Whole answers, broken by a few edits: most are nearly right, which is where two readers part. */
    const pieces = [
      'verdict ',
      'allow',
      'deny',
      '\n',
      'end\n',
      'login_id ',
      'lgn_1',
      'x ',
      '%',
      '%41',
      '%00',
      '%0a',
      ' ',
      '\0',
      '\r',
    ];
    const nearlyRight = fc
      .tuple(
        fc.constantFrom('allow', 'deny', 'unknown', 'throttled', 'unavailable', 'ask'),
        fc.array(
          fc.constantFrom(
            ...['login_id lgn_1\n', 'session_id ses_A-9\n', 'message a%20b\n', 'newer %C3%A4\n'],
            ...['handle hnd_1\n', 'key_line from%3D%22::1%22%20ssh-ed25519%20AAAA\n'],
          ),
          { maxLength: 4 },
        ),
        fc.array(fc.tuple(fc.nat(80), fc.nat(3), fc.constantFrom(...pieces)), { maxLength: 3 }),
      )
      .map(([verdict, lines, edits]) =>
        edits.reduce(
          (message, [at, removed, piece]) => message.slice(0, at) + piece + message.slice(at + removed),
          `verdict ${verdict}\n${lines.join('')}end\n`,
        ),
      );

    function reading(message: string): string {
      const parsed = parseMessage(message);
      const answer = pamAnswer.safeParse(parsed.ok ? parsed.fields : {});
      if (!answer.success) return 'refused';
      const { verdict, login_id = '', session_id = '', message: shown = '' } = answer.data;
      return `${verdict} ${login_id} ${session_id} ${Buffer.from(shown).toString('hex')}`;
    }

    test('reads the same answer from the same bytes, or none', () => {
      const samples = fc.sample(nearlyRight, 4000);
      const said = unit('answer', samples).split('\n').slice(0, -1);
      const parted = samples.filter((sample, at) => said[at] !== reading(sample));
      expect(parted).toEqual([]);
      const refused = said.filter((line) => line === 'refused').length;
      expect(refused).toBeGreaterThan(400);
      expect(refused).toBeLessThan(3600);
    });
  },
);
