/** Base32 by RFC 4648, as another implementation reads it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base32Groups } from '../../src/domain/base32.ts';

test('the vector of RFC 4648, section 10, in groups', () => {
  expect(base32Groups(Buffer.from('fooba'))).toBe('MZXW-6YTB');
});

test('every byte is read back from its letters', () => {
  const back = (text: string) => {
    const bits = [...text.replaceAll('-', '')]
      .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
      .join('');
    return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
  };
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 15, maxLength: 15 }), (bytes) => {
      expect(back(base32Groups(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('what would leave a group half full is refused', () => {
  for (const length of [0, 1, 4, 16]) expect(() => base32Groups(Buffer.alloc(length))).toThrow(RangeError);
});
