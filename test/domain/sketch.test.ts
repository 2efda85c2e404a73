/** Copies of one message are found by their sketch, and others are not. */
import { expect, it } from 'vitest';
import { read } from '../../src/domain/reading/read.ts';
import { likeness, sameFrom, sketchOf, sketchSeeds } from '../../src/domain/sketch.ts';
import { readText } from '../../src/protocol/mail/read-text.ts';

const seeds = sketchSeeds(Buffer.alloc(32, 9));
const sketch = (text: string, by = seeds) => {
  const made = sketchOf(read(readText({ medium: 'email', direction: 'inbound', text })), by);
  if (made === undefined) throw new Error('too short');
  return made;
};
const campaign = (name: string, link: string) =>
  `Dear ${name}, your mailbox at our company has exceeded its storage limit and will be closed within ${link.length} hours.
   To keep your messages you must confirm your account with the help desk at ${link} before it is too late.
   We are sorry for the trouble that this may cause to you and thank you for your patience.`;

it('copies that differ in names, numbers and links are one message', () => {
  const one = sketch(campaign('Anna', 'https://evil.example/a?x=1'));
  const other = sketch(campaign('Bertrand', 'https://worse.example/login'));
  expect(likeness(one.sketch, other.sketch)).toBeGreaterThanOrEqual(sameFrom);
  expect(one.bands.some((band) => other.bands.includes(band))).toBe(true);
});

it('another message on the same matter is another', () => {
  const one = sketch(campaign('Anna', 'https://evil.example/a'));
  const other = sketch(
    'Hello, somebody tried to log in to your account from a device that we do not know. If it was not you, open the page of our security team and choose a new password there, then check your recovery address.',
  );
  expect(likeness(one.sketch, other.sketch)).toBeLessThan(0.3);
});

it('is the same on every run, has 64 signed numbers and 16 bands', () => {
  const { sketch: numbers, bands } = sketch(campaign('Anna', 'x'));
  expect([numbers.length, bands.length]).toEqual([64, 16]);
  for (const each of [...numbers, ...bands]) expect(each).toBe(each | 0);
  expect(sketch(campaign('Anna', 'x')).sketch).toEqual(numbers);
  expect(likeness(numbers, numbers.slice(1))).toBe(0);
});

it('a few words tell nothing', () => {
  expect(
    sketchOf(read(readText({ medium: 'sms', direction: 'inbound', text: 'Call me 12345 now' })), seeds),
  ).toBeUndefined();
});

it('ATTACK: whoever has another key computes no text that shares a band with one, not even the same text', () => {
  const other = sketchSeeds(Buffer.alloc(32, 8));
  expect(new Set([...seeds, ...other]).size).toBe(seeds.length * 2);
  const [mine, his] = [seeds, other].map((by) => sketch(campaign('Anna', 'https://evil.example/a'), by));
  expect(likeness(mine?.sketch ?? [], his?.sketch ?? [])).toBe(0);
  expect(mine?.bands.filter((band) => his?.bands.includes(band))).toEqual([]);
});
