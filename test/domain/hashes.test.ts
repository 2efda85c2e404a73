import { encodeBase64 } from 'bcryptjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bcryptSalt } from '../../src/domain/hashes/bcrypt-text.ts';
import { hashSchemes, newHashes, type RecognisedHash, recogniseHash } from '../../src/domain/hashes/index.ts';
import { nextRun, runEffort } from '../../src/domain/hashes/levelling.ts';
import type { Prepared } from '../../src/domain/hashes/scheme.ts';
import { newPepper, oldPepper, ringOf } from '../hashing/ring.ts';
import { ours, schemeVectors } from '../hashing/scheme-vectors.ts';

const ring = ringOf(oldPepper);
const body = 'CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';

/** Per scheme: hits of that scheme alone, and attackers' or clumsy texts that no scheme may claim. */
const fixtures: Record<string, { hits: string[]; misses: string[] }> = {
  gatehouse: {
    hits: [`$gh1$p1$2b$11$${body}`, `$gh1$2026-a_b$2b$04$${body}`],
    misses: [
      `$gh1$$2b$11$${body}`,
      `$gh1$p1$2a$11$${body}`,
      `$gh1$p1$2b$11$${body}\n`,
      `$gh1$../p1$2b$11$${body}`,
      `$gh2$p1$2b$11$${body}`,
      `$gh1$${'p'.repeat(33)}$2b$11$${body}`,
    ],
  },
  bcrypt: {
    hits: [`$2a$05$${body}`, `$2b$12$${body}`, `$2y$10$${body}`, `{BLF-CRYPT}$2y$10$${body}`],
    misses: [
      `$2x$05$${body}`,
      `$2$05$${body}`,
      `$2b$5$${body}`,
      `$2b$05$${body}x`,
      ` $2b$05$${body}`,
      `$2b$05$${body}\n`,
      `{SHA512-CRYPT}$2b$05$${body}`,
      `{CRYPT}{CRYPT}$2b$05$${body}`,
      `{CRYPT.HEX}$2b$05$${body}`,
      `$2b$05$${body.replace('C', '\0')}`,
      '*0',
      '',
      '!',
    ],
  },
  des: {
    hits: ['CCNf8Sbh3HDfQ', '{CRYPT}CCNf8Sbh3HDfQ', '{DES-CRYPT}CCNf8Sbh3HDfQ'],
    misses: ['CCNf8Sbh3HDf', 'CCNf8Sbh3HDfQQ', 'CCNf8Sbh3HDf!', '{SHA}CCNf8Sbh3HDfQ', 'password12345\n'],
  },
  bsdi: {
    hits: ['_J9..CCCCXBrJUJV154M', '{CRYPT}_J9..CCCCXBrJUJV154M'],
    misses: ['_J9..CCCCXBrJUJV154', '_J9..CCCC', '{DES-CRYPT}_J9..CCCCXBrJUJV154M'],
  },
  'md5-crypt': {
    hits: ['{MD5}$1$12345678$aIccj83HRDBo6ux1bVx7D1', '{MD5-CRYPT}$1$$aIccj83HRDBo6ux1bVx7D1'],
    misses: [
      '$1$123456789$aIccj83HRDBo6ux1bVx7D1',
      '$1$12345678$aIccj83HRDBo6ux1bVx7D',
      '$1$1234:678$aIccj83HRDBo6ux1bVx7D1',
      '{SMD5}$1$12345678$aIccj83HRDBo6ux1bVx7D1',
    ],
  },
  apr1: {
    hits: ['$apr1$Q6ZYh...$RV6ft2bZ8j.NGrxLYaJt9.'],
    misses: ['$apr1$Q6ZYh....$RV6ft2bZ8j.NGrxLYaJt9.', '{MD5}$apr1$Q6ZYh...$RV6ft2bZ8j.NGrxLYaJt9.'],
  },
  'sha256-crypt': {
    hits: [`$5$salt$${'a'.repeat(43)}`, `{SHA256-CRYPT}$5$rounds=5000$salt$${'a'.repeat(43)}`],
    misses: [
      `$5$salt$${'a'.repeat(86)}`,
      `$5$rounds=05000$salt$${'a'.repeat(43)}`,
      `$5$rounds=-1$salt$${'a'.repeat(43)}`,
      `$5$seventeen-letters$${'a'.repeat(43)}`,
      `{SHA512-CRYPT}$5$salt$${'a'.repeat(43)}`,
    ],
  },
  'sha512-crypt': {
    hits: [`$6$salt$${'a'.repeat(86)}`, `{SHA512-CRYPT}$6$rounds=5000$salt$${'a'.repeat(86)}`],
    misses: [`$6$salt$${'a'.repeat(43)}`, `$6$rounds=1e3$salt$${'a'.repeat(86)}`],
  },
  'sha1-crypt': {
    hits: ['$sha1$19703$iVdJqfSE$v4qYKl1zqYThwpjJAoKX6UvlHq/a'],
    misses: ['$sha1$iVdJqfSE$v4qYKl1zqYThwpjJAoKX6UvlHq/a', '$sha1$19703$$v4qYKl1zqYThwpjJAoKX6UvlHq/a'],
  },
  scrypt: {
    hits: [`$7$C6..../....SodiumChloride$${'a'.repeat(43)}`],
    misses: [`$7$C6.../....$${'a'.repeat(43)}`, `$7$C6..../....Sodium$Chloride$${'a'.repeat(43)}`],
  },
  yescrypt: {
    hits: [`$y$j9T$salt$${'a'.repeat(43)}`, `{CRYPT}$y$j9T$salt$${'a'.repeat(43)}`],
    misses: [`$y$$salt$${'a'.repeat(43)}`, `$y$j9T$salt$${'a'.repeat(42)}`],
  },
  'gost-yescrypt': {
    hits: [`$gy$j9T$salt$${'a'.repeat(43)}`],
    misses: [`$gy$j9T$${'a'.repeat(43)}`, `$sm3y$j9T$salt$${'a'.repeat(43)}`],
  },
  argon2i: {
    hits: ['{ARGON2I}$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8'],
    misses: ['{ARGON2ID}$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8'],
  },
  argon2id: {
    hits: ['{ARGON2ID}$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
    misses: [
      '$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
      '$argon2id$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
      '$argon2id$v=19$m=256,t=2,p=1,keyid=x$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
      '$argon2id$v=19$m=0256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
      '$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
  },
  md5: {
    hits: [
      '8743b52063cd84097a65d1633f5c74f5',
      '{PLAIN-MD5}8743B52063CD84097A65D1633F5C74F5',
      '{LDAP-MD5}h0O1IGPNhAl6ZdFjP1x09Q==',
      '{MD5.b64}h0O1IGPNhAl6ZdFjP1x09Q==',
    ],
    misses: [
      '8743b52063cd84097a65d1633f5c74f',
      'h0O1IGPNhAl6ZdFjP1x09Q==',
      '{MD5.HEX}h0O1IGPNhAl6ZdFjP1x09Q==',
    ],
  },
  smd5: {
    hits: ['{SMD5}UjFY34os/pnZQ3oQOzjqGu4yeXE=', '{SMD5.hex}8743b52063cd84097a65d1633f5c74f5aabbccdd'],
    misses: ['{SMD5}h0O1IGPNhAl6ZdFjP1x09Q==', 'UjFY34os/pnZQ3oQOzjqGu4yeXE='],
  },
  sha1: {
    hits: ['{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', '{sha1}5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8'],
    misses: ['5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9h=', '{SHA}'],
  },
  ssha: {
    hits: ['{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr'],
    misses: [
      '{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
      '{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr=\n',
      '{SSHA.XYZ}AAAA',
    ],
  },
  sha256: {
    hits: ['{SHA256}ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
    misses: ['{SHA256}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'a'.repeat(64)],
  },
  ssha256: {
    hits: ['{SSHA256}OZiz0cnQ5hgyel3Emh7NCbhBRCQ+HVBwYplQunHYnER7TLuV'],
    misses: ['{SSHA256}ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
  },
  sha512: {
    hits: [`{SHA512}${'a'.repeat(128)}`],
    misses: [`{SHA512}${'a'.repeat(127)}`],
  },
  ssha512: {
    hits: [`{SSHA512.hex}${'a'.repeat(136)}`],
    misses: [`{SSHA512.hex}${'a'.repeat(128)}`, `{SSHA512.hex}${'a'.repeat(400)}`],
  },
  cyberpanel: {
    hits: [`${'a'.repeat(64)}:0123456789abcdef0123456789abcdef`, `${'A'.repeat(64)}:x`],
    misses: [
      `${'a'.repeat(64)}:`,
      `${'a'.repeat(63)}:x`,
      `${'a'.repeat(64)}:x y`,
      `{SHA256}${'a'.repeat(64)}:x`,
    ],
  },
};

function recognised(stored: string): RecognisedHash {
  const seen = recogniseHash(stored);
  if (!seen.ok) throw new Error(seen.detail);
  return seen.hash;
}

function workOf(prepared: Prepared) {
  if ('never' in prepared) throw new Error(prepared.never);
  return prepared.work;
}

const phrase = (password: string, stored = `$gh1$p1$2b$11$${body}`, keys = ring) =>
  workOf(recognised(stored).prepare(password, keys)).phrase;

describe('the shelf', () => {
  test('every scheme has fixtures, and exactly one scheme claims each of them', () => {
    expect(Object.keys(fixtures).sort()).toEqual(hashSchemes.map(({ name }) => name).sort());
    for (const [name, { hits }] of Object.entries(fixtures)) {
      for (const hit of hits) {
        expect(hashSchemes.filter((scheme) => scheme.recognise(hit)).map((scheme) => scheme.name)).toEqual([
          name,
        ]);
      }
    }
  });

  test('what no scheme claims is refused with a sentence that does not quote it', () => {
    for (const miss of Object.values(fixtures).flatMap(({ misses }) => misses)) {
      const seen = recogniseHash(miss);
      expect(seen, JSON.stringify(miss)).toMatchObject({ ok: false, reason: 'unknown_scheme' });
      if (!seen.ok && miss.length > 4) expect(seen.detail).not.toContain(miss);
    }
  });

  test.each([
    ['{PLAIN}secret', /clear text/],
    ['{cleartext}secret', /clear text/],
    [`$2x$05$${body}`, /broken bcrypt/],
    ['$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65', /version 1\.3/],
    ['*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19', /MySQL/],
    ['hunter2', /^Unknown scheme; supported are: gatehouse, bcrypt, .*cyberpanel\.$/],
  ])('%s: its own sentence', (stored, sentence) => {
    expect(recogniseHash(stored)).toMatchObject({ ok: false, detail: expect.stringMatching(sentence) });
  });

  const claims = (stored: string) => hashSchemes.filter((scheme) => scheme.recognise(stored) !== null);

  test('two schemes never claim the same string: not a vector, and not what an attacker makes of two', () => {
    const known = [
      ...schemeVectors.map(({ hash }) => hash),
      ...Object.values(fixtures).flatMap(({ hits, misses }) => [...hits, ...misses]),
    ];
    const labels = known.map((each) => /^\{[^}]*\}/.exec(each)?.[0] ?? '');
    const text = fc.constantFrom(...known);
    const mixed = fc.oneof(
      fc.tuple(text, text, fc.nat(140), fc.nat(140)).map(([a, b, i, j]) => a.slice(0, i) + b.slice(j)),
      fc
        .tuple(text, fc.nat(140), fc.constantFrom(...'$.:/{}=,+-aA0_*!\0\n'))
        .map(([a, i, c]) => a.slice(0, i) + c + a.slice(i + 1)),
      fc.tuple(fc.constantFrom(...labels), text).map(([label, a]) => label + a.replace(/^\{[^}]*\}/, '')),
      fc.string({ unit: fc.constantFrom(...'./$aZ09abcdef:=+{}SHAMD5CRYPT_'), maxLength: 150 }),
      fc.stringMatching(/^[0-9a-f]{32}$|^[./A-Za-z0-9]{13}$|^_[./A-Za-z0-9]{19}$|^[0-9a-f]{64}:[a-f]{8}$/),
    );
    for (const hash of known) expect(claims(hash).length, hash).toBeLessThanOrEqual(1);
    fc.assert(
      fc.property(mixed, (stored) => claims(stored).length <= 1),
      { numRuns: 20_000 },
    );
  });

  test('every vector is of the scheme that it is said to be', () => {
    for (const { hash, scheme } of schemeVectors)
      expect(claims(hash).map(({ name }) => name)).toEqual([scheme]);
  });

  test('weak schemes say why, in a sentence; those that are not weak say nothing', () => {
    const strong = hashSchemes.filter(({ weak }) => weak === undefined).map(({ name }) => name);
    const slow = ['gatehouse', 'bcrypt', 'sha256-crypt', 'sha512-crypt', 'sha1-crypt', 'scrypt'];
    expect(strong.sort()).toEqual([...slow, 'yescrypt', 'gost-yescrypt', 'argon2i', 'argon2id'].sort());
    for (const { weak } of hashSchemes) if (weak !== undefined) expect(weak).toMatch(/^[A-Z].*\.$/);
  });
});

describe('the bounds of costs', () => {
  const within = (stored: string) => {
    const seen = recogniseHash(stored);
    return seen.ok ? 'verified' : seen.reason;
  };
  const argon2 = (costs: string) =>
    `$argon2id$v=19$${costs}$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4`;
  const tail = 'a'.repeat(43);

  test('bcrypt: 4 to 15; below protects nothing, above would hold the threads', () => {
    for (const start of ['$2a$', '$gh1$p1$2b$']) {
      const costs = ['03', '04', '15', '16', '31', '00', '99'];
      expect(costs.map((cost) => within(`${start}${cost}$${body}`))).toEqual([
        'cost_out_of_bounds',
        'verified',
        'verified',
        ...Array(4).fill('cost_out_of_bounds'),
      ]);
    }
  });

  test.each([
    // What other systems make by default, and at the most.
    ['yescrypt of Debian', `$y$j9T$salt$${tail}`],
    ['yescrypt of 256 MiB', `$y$jDT$salt$${tail}`],
    ['yescrypt of the published vector', `$y$jD5.7$salt$${tail}`],
    ['Argon2 of PHP', argon2('m=65536,t=4,p=1')],
    ['Argon2 of libsodium, moderate', argon2('m=262144,t=3,p=1')],
    ['Argon2 of OWASP', argon2('m=19456,t=2,p=1')],
    ['SHA-crypt of passlib', `$6$rounds=656000$salt$${'a'.repeat(86)}`],
    ['scrypt of libxcrypt', `$7$CU..../....salt$${tail}`],
    ['BSDi with the usual count', '_J9..CCCCXBrJUJV154M'],
  ])('taken: %s', (_name, stored) => {
    expect(within(stored)).toBe('verified');
  });

  test.each([
    ['yescrypt of 512 MiB', `$y$jET$salt$${tail}`],
    ['yescrypt of 1 GiB', `$gy$jFT$salt$${tail}`],
    ['yescrypt with a table in ROM', `$y$j9T5.$salt$${tail}`],
    ['yescrypt whose parameters end too late', `$y$j9Tzzz$salt$${tail}`],
    ['yescrypt of r = 4 million', `$y$j9zzzzz$salt$${tail}`],
    ['Argon2 of 512 MiB', argon2('m=524288,t=1,p=1')],
    ['Argon2 of many passes', argon2('m=65536,t=17,p=1')],
    ['Argon2 of 65 passes over nothing', argon2('m=8,t=65,p=1')],
    ['Argon2 of 1000 lanes', argon2('m=65536,t=1,p=1000')],
    ['Argon2 of less memory than its lanes need', argon2('m=16,t=1,p=4')],
    ['SHA-crypt of 999 rounds', `$5$rounds=999$salt$${tail}`],
    ['SHA-crypt of 999999999 rounds', `$6$rounds=999999999$salt$${'a'.repeat(86)}`],
    ['$sha1$ of a billion rounds', '$sha1$999999999$iVdJqfSE$v4qYKl1zqYThwpjJAoKX6UvlHq/a'],
    ['BSDi with its greatest count', '_zzzzCCCCXBrJUJV154M'],
    ['BSDi with none', '_....CCCCXBrJUJV154M'],
    ['scrypt of 1 GiB', `$7$I6..../....salt$${tail}`],
    ['scrypt of N = 2^63', `$7$z6..../....salt$${tail}`],
    ['scrypt of p = 2^30 - 1', `$7$C6....zzzzzsalt$${tail}`],
    ['scrypt of r = 0', `$7$C...../....salt$${tail}`],
    ['scrypt of N = 1', `$7$.6..../....salt$${tail}`],
  ])('refused with the reason: %s', (_name, stored) => {
    const seen = recogniseHash(stored);
    expect(seen).toMatchObject({ ok: false, reason: 'cost_out_of_bounds' });
    if (!seen.ok) expect(seen.detail).toMatch(/^[A-Z$a-z].*\.$/);
  });

  test('no text makes a scheme throw or loop', () => {
    const params = fc.stringMatching(/^\$y\$[./A-Za-z0-9]{3,24}\$salt\$[./A-Za-z0-9]{43}$/);
    const scrypt = fc.stringMatching(/^\$7\$[./A-Za-z0-9]{11}salt\$[./A-Za-z0-9]{43}$/);
    fc.assert(
      fc.property(fc.oneof(params, scrypt, fc.string({ unit: 'binary' })), (stored) => {
        const seen = recogniseHash(stored);
        if (seen.ok) expect(Object.keys(seen.hash.prepare('x', ring))).toContain('work');
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the scheme of new passwords', () => {
  test('is recognised again, with the pepper that made it', () => {
    const { work, stored } = newHashes.create('right', 11, Buffer.alloc(16, 7), ring);
    const text = stored(`${work.setting}${'x'.repeat(31)}`);
    expect(text).toMatch(/^\$gh1\$p1\$2b\$11\$/);
    expect(workOf(recognised(text).prepare('right', ring))).toEqual(work);
  });

  test('the phrase is 64 bytes without NUL for any password, so that bcrypt has nothing to cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 150 }), (password) => {
        const bytes = phrase(password);
        expect(bytes.length).toBe(64);
        expect(bytes.includes(0)).toBe(false);
      }),
    );
  });

  test('two passwords that differ in their 100th character only are two passwords', () => {
    expect(phrase(`${'a'.repeat(99)}b`)).not.toEqual(phrase(`${'a'.repeat(99)}c`));
  });

  test('a NUL does not end a password', () => {
    expect(phrase('right\0more')).not.toEqual(phrase('right'));
  });

  test('é is é, composed or not; but no other folding', () => {
    expect(phrase('caf\u00e9')).toEqual(phrase('cafe\u0301'));
    expect(phrase('caf\u00e9')).not.toEqual(phrase('cafe'));
    expect(phrase('ﬁ')).not.toEqual(phrase('fi'));
    expect(phrase(' a')).not.toEqual(phrase('a'));
  });

  test('a hash is outdated by a retired pepper or a raised cost; a lowered cost weakens nothing', () => {
    const outdated = (cost: number, pepperId: string) =>
      recognised(`$gh1$p1$2b$11$${body}`).outdated({ cost, pepperId });
    expect([outdated(11, 'p1'), outdated(12, 'p1'), outdated(11, 'p2'), outdated(10, 'p1')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('after rotation the old pepper still judges, and a lost one matches nothing', () => {
    const stored = `$gh1$p1$2b$11$${body}`;
    expect(phrase('right', stored, ringOf(newPepper, oldPepper))).toEqual(phrase('right', stored, ring));
    expect(recognised(stored).prepare('right', ringOf(newPepper))).toEqual({ never: 'pepper_unknown' });
  });
});

describe('bcrypt from elsewhere', () => {
  const stored = `$2y$10$${body}`;

  test('is always worth storing anew', () => {
    expect(recognised(stored).outdated({ cost: 4, pepperId: 'p1' })).toBe(true);
  });

  test('every kind is computed as $2b$, so that engines cannot differ on $2a$', () => {
    for (const kind of ['2a', '2b', '2y']) {
      const { setting } = workOf(recognised(`$${kind}$10$${body}`).prepare('x', ring));
      expect(setting).toBe(`$2b$10$${body.slice(0, 22)}`);
    }
  });

  test('a NUL in the password never matches: bcrypt in C would stop there', () => {
    expect(recognised(stored).prepare('right\0more', ring)).toEqual({ never: 'impossible_password' });
  });

  test('the phrase is whole text that covers the 72 bytes which bcrypt reads', () => {
    for (const letter of ['a', 'é', '漢', '😀']) {
      for (const before of ['', 'x', 'xx', 'xxx']) {
        for (const times of [1, 17, 18, 24, 35, 36, 72, 100]) {
          const given = Buffer.from(before + letter.repeat(times));
          const used = phrase(given.toString(), stored);
          expect(used.subarray(0, 72)).toEqual(given.subarray(0, 72));
          expect(used.length).toBeLessThanOrEqual(75);
          expect(Buffer.from(used.toString('utf8'))).toEqual(used);
        }
      }
    }
  });

  test('the password is hashed as typed, not normalised', () => {
    expect(phrase('cafe\u0301', stored)).toEqual(Buffer.from('cafe\u0301'));
  });
});

describe('brought along from elsewhere', () => {
  test('every scheme is worth storing anew, and its phrase is what was typed', () => {
    for (const { hash } of schemeVectors) {
      expect(recognised(hash).outdated({ cost: 4, pepperId: 'p1' })).toBe(true);
      const typed = phrase('cafe\u0301', hash).toString();
      expect('cafe\u0301'.startsWith(typed) && typed.length >= 5).toBe(true);
    }
  });

  test('a NUL never matches where crypt(3) would stop at it', () => {
    for (const { hash } of schemeVectors) {
      const prepared = recognised(hash).prepare(`${ours}\0more`, ring);
      if ('never' in prepared) expect(prepared.never).toBe('impossible_password');
      else expect(prepared.work.phrase.toString()).toBe(`${ours}\0more`);
    }
    expect(recognised('CCNf8Sbh3HDfQ').prepare('a\0b', ring)).toEqual({ never: 'impossible_password' });
  });
});

describe('levelling', () => {
  const lifted = (spent: number, cost: number, perCall: number) => {
    let sum = spent;
    const runs: number[] = [];
    for (;;) {
      const run = nextRun(sum, { cost, perCall });
      if (run === undefined) return { sum, runs };
      runs.push(run);
      sum += runEffort(run, perCall);
      if (runs.length > 50) throw new Error('it does not end');
    }
  };

  test('bcrypt of cost c is lifted by runs of …, c+1, c to exactly one run of the current cost', () => {
    expect(lifted(2 ** 8, 11, 0).runs).toEqual([10, 9, 8]);
    for (let cost = 4; cost <= 15; cost += 1) {
      for (let from = 4; from <= cost; from += 1) expect(lifted(2 ** from, cost, 0).sum).toBe(2 ** cost);
    }
  });

  test('where each call costs something it is as near as runs can come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 15 }),
        fc.nat({ max: 40_000 }),
        fc.nat({ max: 3 }),
        (cost, spent, perCall) => {
          const target = runEffort(cost, perCall);
          const { sum } = lifted(spent, cost, perCall);
          if (spent > target) expect(sum).toBe(spent);
          else expect(Math.abs(sum - target)).toBeLessThanOrEqual(2 ** 3 + perCall);
        },
      ),
    );
  });

  test('dearer work is left as it is, and free work gets one run of it all', () => {
    expect(lifted(2 ** 12, 11, 2).runs).toEqual([]);
    expect(lifted(2 ** 11, 11, 0).runs).toEqual([]);
    expect(lifted(0, 11, 0).runs).toEqual([11]);
    expect(lifted(3, 11, 2).runs).toEqual([11]);
  });

  test('while the pace is unsure only half is burnt', () => {
    expect(nextRun(1024, { cost: 11, perCall: 0 }, true)).toBe(9);
    expect(nextRun(2040, { cost: 11, perCall: 0 }, true)).toBe(4);
  });
});

test('salts are written in the alphabet of bcrypt', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (salt) => {
      expect(bcryptSalt(Buffer.from(salt))).toBe(encodeBase64([...salt], 16));
    }),
  );
  expect(() => bcryptSalt(Buffer.alloc(15))).toThrow(RangeError);
});
