import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recoveryCodeBytes, recoveryCodeDigest, recoveryCodeFrom } from '../../src/domain/recovery-code.ts';
import { totpCode, totpStepOf } from '../../src/domain/totp.ts';
import { totpEnrolment } from '../../src/domain/totp-enrolment.ts';
import { appCode, generatorOf } from '../support/customer.ts';

// RFC 6238 appendix B, SHA-1; six digits are the last six of its eight.
const secret = Buffer.from('12345678901234567890');
const vectors: [number, string][] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];

describe('a generator', () => {
  it.each(vectors)('makes the code of RFC 6238 at %i', (seconds, code) => {
    const step = Math.floor(seconds / 30);
    expect(totpStepOf(secret, code.slice(2), seconds * 1000)).toBe(step);
    expect(appCode(secret, step)).toBe(code.slice(2));
  });

  it('is good for its own half minute and the next, and for no other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 2 ** 35 }),
        fc.integer({ min: 0, max: 29_999 }),
        (step, into) => {
          const codes = [-2, -1, 0, 1, 2].map((away) => appCode(secret, step + away));
          // Once in a million, two steps have one code.
          fc.pre(new Set(codes).size === codes.length);
          const judged = codes.map((code) => totpStepOf(secret, code, step * 30_000 + into));
          expect(judged).toEqual([undefined, step - 1, step, undefined, undefined]);
        },
      ),
    );
  });

  it('takes a code in groups, and nothing else for one', () => {
    expect(totpCode(' 123 456 ')).toBe('123456');
    expect(totpCode('123-456')).toBe('123456');
    for (const text of ['', '12345', '1234567', '12345a', '１２３４５６', '-1', '1e5', '0x1234', 'NaN']) {
      expect(totpCode(text)).toBeUndefined();
      expect(totpStepOf(secret, text, 59_000)).toBeUndefined();
    }
  });

  it('is shown with all that an app needs, escaped', () => {
    const { secret: text, uri, qr_svg } = totpEnrolment(secret, 'login.example.net', 'a+b@x:y/?&#');
    expect(text).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    const parsed = new URL(uri);
    expect(parsed.protocol).toBe('otpauth:');
    expect(decodeURIComponent(parsed.pathname)).toMatch(/login\.example\.net:a\+b@x:y\/\?&#$/);
    expect(Object.fromEntries(parsed.searchParams)).toEqual({
      ...{ secret: text, issuer: 'login.example.net', algorithm: 'SHA1', digits: '6', period: '30' },
    });
    expect(qr_svg).toMatch(/^<svg [^<>]*><rect [^<>]*\/><path [^<>]*\/><\/svg>$/);
    expect(() => totpEnrolment(Buffer.alloc(16), 'x', 'y')).toThrow(RangeError);
    const house = { now: () => 59_000 } as Parameters<typeof generatorOf>[0];
    expect(generatorOf(house, text).code()).toBe('287082');
  });
});

describe('a recovery code', () => {
  const key = Buffer.alloc(32, 1);

  it('carries 120 bits, no two alike', () => {
    const shown = fc.sample(
      fc.uint8Array({ minLength: recoveryCodeBytes, maxLength: recoveryCodeBytes }),
      500,
    );
    const codes = new Set(shown.map((bytes) => recoveryCodeFrom(Buffer.from(bytes))));
    expect(codes.size).toBe(new Set(shown.map((bytes) => Buffer.from(bytes).toString('hex'))).size);
    for (const code of codes) expect(code).toMatch(/^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$/);
    expect(recoveryCodeFrom(Buffer.alloc(15, 255))).toBe('7777-7777-7777-7777-7777-7777');
    expect(() => recoveryCodeFrom(Buffer.alloc(14))).toThrow(RangeError);
  });

  it('is the same in any case and grouping, and another one for another account', () => {
    const code = recoveryCodeFrom(Buffer.from('any 15 bytes ok'));
    const digest = recoveryCodeDigest(key, 'acc_a', code);
    for (const typed of [code.toLowerCase(), code.replaceAll('-', ''), ` ${code.replaceAll('-', ' ')}\n`]) {
      expect(recoveryCodeDigest(key, 'acc_a', typed)).toEqual(digest);
    }
    expect(recoveryCodeDigest(key, 'acc_b', code)).not.toEqual(digest);
    expect(recoveryCodeDigest(Buffer.alloc(32, 2), 'acc_a', code)).not.toEqual(digest);
    for (const text of ['', '123456', `${code}A`, code.slice(1), code.replace(/./, '!')]) {
      expect(recoveryCodeDigest(key, 'acc_a', text)).toBeUndefined();
    }
  });
});
