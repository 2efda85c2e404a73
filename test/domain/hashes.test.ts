import { encodeBase64 } from 'bcryptjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bcryptSalt } from '../../src/domain/hashes/bcrypt-text.ts';
import { hashSchemes, newHashes, type RecognisedHash, recogniseHash } from '../../src/domain/hashes/index.ts';
import { levellingCosts } from '../../src/domain/hashes/levelling.ts';
import type { Prepared } from '../../src/domain/hashes/scheme.ts';
import { newPepper, oldPepper, ringOf } from '../hashing/ring.ts';

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
    hits: [`$2a$05$${body}`, `$2b$12$${body}`, `$2y$10$${body}`],
    misses: [
      `$2x$05$${body}`,
      `$2$05$${body}`,
      `$2b$5$${body}`,
      `$2b$05$${body}x`,
      ` $2b$05$${body}`,
      `$2b$05$${body}\n`,
      `{CRYPT}$2b$05$${body}`,
      `$2b$05$${body.replace('C', '\0')}`,
      '*0',
      '',
      '!',
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

  test('what no scheme claims is refused with the names that are supported, and not quoted', () => {
    for (const miss of Object.values(fixtures).flatMap(({ misses }) => misses)) {
      const detail = 'Unknown scheme; supported are: gatehouse, bcrypt.';
      expect(recogniseHash(miss), JSON.stringify(miss)).toEqual({
        ok: false,
        reason: 'unknown_scheme',
        detail,
      });
    }
  });

  test('a cost outside of 4 to 15 is refused: below protects nothing, above would hold the threads', () => {
    const reason = (stored: string) => {
      const seen = recogniseHash(stored);
      return seen.ok ? seen.hash.cost : seen.reason;
    };
    for (const start of ['$2a$', '$gh1$p1$2b$']) {
      expect(
        ['03', '04', '15', '16', '31', '00', '99'].map((cost) => reason(`${start}${cost}$${body}`)),
      ).toEqual(['cost_out_of_bounds', 4, 15, ...Array(4).fill('cost_out_of_bounds')]);
    }
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
    expect(recognised(stored).prepare('right\0more', ring)).toEqual({ never: 'nul_in_password' });
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

describe('levelling', () => {
  test('bcrypt of cost c is lifted by runs of c, c+1, … to exactly one run of the current cost', () => {
    expect(levellingCosts(2 ** 8, 11)).toEqual([8, 9, 10]);
    for (let cost = 4; cost <= 15; cost += 1) {
      for (let from = 4; from <= cost; from += 1) {
        const sum = levellingCosts(2 ** from, cost).reduce((total, run) => total + 2 ** run, 2 ** from);
        expect(sum).toBe(2 ** cost);
      }
    }
  });

  test('dearer work is left as it is, and free work gets it all', () => {
    expect(levellingCosts(2 ** 12, 11)).toEqual([]);
    expect(levellingCosts(2 ** 11, 11)).toEqual([]);
    expect(levellingCosts(0, 11)).toEqual([11]);
    expect(levellingCosts(1, 11)).toEqual([4, 5, 6, 7, 8, 9, 10]);
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
