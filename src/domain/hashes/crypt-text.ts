/** The alphabet of crypt(3): six bits a character, the lowest first. */

const letters = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The value of a character; -1 for one of another alphabet. */
export function digitOf(character: string | undefined): number {
  return character === undefined || character === '' ? -1 : letters.indexOf(character);
}

/** A number in so many characters. */
export function numberText(value: number, characters: number): string {
  let text = '';
  for (let left = value, n = 0; n < characters; n += 1, left = Math.floor(left / 64)) {
    text += letters.charAt(left % 64);
  }
  return text;
}

/** Characters as a number; NaN when one is of another alphabet. */
export function textNumber(text: string): number {
  let value = 0;
  for (const character of [...text].reverse()) {
    const digit = digitOf(character);
    value = digit < 0 ? Number.NaN : value * 64 + digit;
  }
  return value;
}

/** Bytes in groups of three, the first byte lowest, as `$7$` and `$y$` write them. */
export function bytesText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.subarray(at, at + 3);
    const value = group.reduceRight((sum, byte) => sum * 256 + byte, 0);
    text += numberText(value, group.length + 1);
  }
  return text;
}

/** Bytes in the order that MD5- and SHA-crypt mix them: each group of up to three, the last one lowest. */
export function mixedText(digest: Uint8Array, groups: readonly (readonly number[])[]): string {
  return groups
    .map((group) => {
      const value = group.reduce((sum, at) => sum * 256 + (digest[at] ?? 0), 0);
      return numberText(value, group.length + 1);
    })
    .join('');
}
