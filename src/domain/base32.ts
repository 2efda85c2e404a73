/** Random bytes as people read and type them: RFC 4648's base32 in upper case, in groups of four. */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 15 bytes make 24 letters: `ABCD-EF23-…`. @throws RangeError for a length that does not fill its last group. */
export function base32Groups(random: Buffer): string {
  if (random.length === 0 || random.length % 5 !== 0)
    throw new RangeError('groups take five bytes at a time');
  const bits = [...random].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const fives = bits.match(/.{5}/g) ?? [];
  const text = fives.map((five) => letters.charAt(Number.parseInt(five, 2))).join('');
  return (text.match(/.{4}/g) ?? []).join('-');
}
