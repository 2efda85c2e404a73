/** A sealed secret opens for what it was sealed about, under a key of the ring, unchanged; and for nothing else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pepper } from '../../src/domain/keyring.ts';
import { sealed, unsealed } from '../../src/domain/seal.ts';

const old: Pepper = { id: 'k1', key: Buffer.alloc(32, 1) };
const current: Pepper = { id: 'k2', key: Buffer.alloc(32, 2) };
const ringOf = (...list: Pepper[]) => ({
  pepper: {
    current: list.at(-1) ?? current,
    byId: (id: string) => list.find((each) => each.id === id),
  },
});
const nonce = Buffer.alloc(12, 5);

test('what is sealed is read back, also after the key was rotated', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, about) => {
      const box = sealed(ringOf(old), nonce, about, Buffer.from(bytes));
      expect(unsealed(ringOf(old, current), about, box)).toEqual(Buffer.from(bytes));
    }),
  );
});

test('a box that was copied to another row, changed anywhere or cut does not open', () => {
  const ring = ringOf(current);
  const box = sealed(ring, nonce, 'totp:acc_1', Buffer.from('a secret'));
  expect(() => unsealed(ring, 'totp:acc_2', box)).toThrow();
  for (let at = 0; at < box.length; at += 1) {
    const changed = Buffer.from(box);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => unsealed(ring, 'totp:acc_1', changed)).toThrow();
    expect(() => unsealed(ring, 'totp:acc_1', box.subarray(0, at))).toThrow();
  }
});

test('a box of a key that is gone does not open', () => {
  const box = sealed(ringOf(old), nonce, 'about', Buffer.from('a secret'));
  expect(() => unsealed(ringOf(current), 'about', box)).toThrow('not in the ring');
});
