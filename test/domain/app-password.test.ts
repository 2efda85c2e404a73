/** App passwords: one shape, bound to their login and store, and what each may open. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appPasswordBytes,
  appPasswordDigest,
  appPasswordFault,
  appPasswordFrom,
  isAppPasswordShaped,
} from '../../src/domain/app-password.ts';
import { canonicalRange, isInside } from '../../src/domain/source.ts';

const key = Buffer.alloc(32, 7);
const digest = (text: string, store = 'ftp', login = 'alice') =>
  appPasswordDigest(key, store, login, text).toString('hex');

describe('an app password', () => {
  it('has six groups of four, keeps all 120 bits, and is RFC 4648 base32', () => {
    expect(appPasswordFrom(Buffer.alloc(appPasswordBytes))).toBe('aaaa-aaaa-aaaa-aaaa-aaaa-aaaa');
    expect(appPasswordFrom(Buffer.from('foobarfoobarfoo'))).toBe('mzxw-6ytb-ojtg-633c-mfzg-m33p');
    const made = Array.from({ length: 500 }, () => appPasswordFrom(randomBytes(appPasswordBytes)));
    expect(new Set(made).size).toBe(500);
    expect(made.every(isAppPasswordShaped)).toBe(true);
    expect(() => appPasswordFrom(Buffer.alloc(14))).toThrow(RangeError);
  });

  it('is the same typed without hyphens and in capitals, and nothing else is', () => {
    const text = 'mzxw-6ytb-ojtg-633c-mfzg-m33p';
    for (const typed of [text.toUpperCase(), text.replaceAll('-', ''), 'MZXW6YTB-ojtg633cmfzgm33p']) {
      expect(isAppPasswordShaped(typed)).toBe(true);
      expect(digest(typed)).toBe(digest(text));
    }
    for (const other of [`${text}a`, text.slice(1), ` ${text}`, `${text}\n`, text.replace('6', '1'), '']) {
      expect(isAppPasswordShaped(other), JSON.stringify(other)).toBe(false);
    }
  });

  it('is another thing on another store or for another login, however the parts are cut', () => {
    const all = [digest('a'), digest('a', 'ssh'), digest('a', 'ftp', 'bob'), digest('a', 'ftp', 'alice:a')];
    expect(new Set(all).size).toBe(all.length);
    expect(appPasswordDigest(Buffer.alloc(32, 8), 'ftp', 'alice', 'a').toString('hex')).not.toBe(digest('a'));
  });

  const now = new Date('2030-01-01T00:00:00Z');
  const plain = { expiresAt: null, source: null, readOnly: false };
  const at = { now, source: '203.0.113.9', readOnlyEnforced: false };
  it.each([
    ['a plain one opens', {}, {}, undefined],
    ['one that ends later opens', { expiresAt: new Date(now.getTime() + 1) }, {}, undefined],
    ['one that ends now does not', { expiresAt: now }, {}, 'app_password_expired'],
    ['in its range', { source: '203.0.113.0/24' }, {}, undefined],
    ['outside of it', { source: '198.51.100.0/24' }, {}, 'app_password_outside_source'],
    ['from nowhere', { source: '0.0.0.0/0' }, { source: undefined }, 'app_password_outside_source'],
    [
      'from the other family',
      { source: '0.0.0.0/0' },
      { source: '2001:db8::1' },
      'app_password_outside_source',
    ],
    ['read-only where writing is possible', { readOnly: true }, {}, 'app_password_read_only'],
    ['read-only where it is not', { readOnly: true }, { readOnlyEnforced: true }, undefined],
  ])('%s', (_, row, where, fault) => {
    expect(appPasswordFault({ ...plain, ...row }, { ...at, ...where })).toBe(fault);
  });
});

describe('a range of addresses', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9/32', '203.0.113.9'],
    ['203.0.113.9/24', '203.0.113.0/24'],
    ['203.0.113.9/0', '0.0.0.0/0'],
    ['2001:DB8::1/64', '2001:db8::/64'],
    ['2001:db8:0:0:0:0:0:1/128', '2001:db8::1'],
    ['::/0', '::/0'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
  ])('%s is %s', (text, range) => expect(canonicalRange(text)).toBe(range));

  it.each([
    '',
    '/',
    '1.2.3',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/-1',
    '1.2.3.4/8/8',
    '::1/129',
    '::ffff:1.2.3.4/120',
  ])('refuses %j', (text) => expect(canonicalRange(text)).toBeUndefined());
  it.each(['fe80::1%eth0', '1.2.3.4,*', '*', '1.2.3.4\n', '1.2.3.4"', 'host.example'])('refuses %j', (text) =>
    expect(canonicalRange(text)).toBeUndefined(),
  );

  it('an address is inside exactly when its first bits are those of the range', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (one, other, length) => {
        const range = canonicalRange(`${one}/${length}`) ?? '';
        expect(isInside(range, one)).toBe(true);
        expect(isInside(range, other)).toBe(range === canonicalRange(`${other}/${length}`));
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (one, length) => {
        const range = canonicalRange(`${one}/${length}`);
        const address = canonicalRange(one);
        if (range !== undefined && address !== undefined) expect(isInside(range, address)).toBe(true);
      }),
    );
  });
});
