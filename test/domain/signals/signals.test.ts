/** A signal without fixtures fails the suite; each finds what it is for and quotes it where it stands. */
import { describe, expect, it } from 'vitest';
import { read } from '../../../src/domain/reading/read.ts';
import { signals } from '../../../src/domain/signals/index.ts';
import { weights } from '../../../src/domain/signals/weights.ts';
import { nobodyKnown } from '../../../src/domain/verdict.ts';
import { fixtures } from './fixtures.ts';

it('every signal has fixtures, a weight of its own sign, and a sentence', () => {
  expect(Object.keys(fixtures).sort()).toEqual(signals.map(({ name }) => name).sort());
  expect(Object.keys(weights.of).sort()).toEqual(signals.map(({ name }) => name).sort());
  for (const { name, says, speaks } of signals) {
    expect((weights.of[name] ?? 0) * (speaks === 'for' ? 1 : -1), name).toBeGreaterThanOrEqual(0);
    expect(says).toMatch(/^[A-Z].*\.$/);
  }
});

describe.each(signals)('$name', (signal) => {
  const { name, speaks } = signal;
  const weigh = (which: 'hit' | 'miss' | 'attack') => {
    const message = fixtures[name]?.[which];
    if (!message) throw new Error(`no fixture for ${name}`);
    return { message, finding: signal.weigh(read(message), fixtures[name]?.setting ?? nobodyKnown) };
  };

  it('hits, with evidence that stands where it says', () => {
    const { message, finding } = weigh('hit');
    expect(finding?.strength).toBeGreaterThan(0);
    expect(finding?.strength).toBeLessThanOrEqual(1);
    expect(finding?.evidence.length).toBeGreaterThan(0);
    for (const { part, start, end, quote } of finding?.evidence ?? []) {
      expect(quote).not.toBe('');
      if (part === 'text' && signal.name !== 'recipient-brand' && !/^\d+ (words|places)$/.test(quote))
        expect(message.text.slice(start, end)).toBe(quote);
    }
  });

  it('misses', () => expect(weigh('miss').finding?.strength ?? 0).toBe(0));

  it(speaks === 'for' ? 'is not slipped past' : 'is not earned by an attacker’s text', () => {
    const strength = weigh('attack').finding?.strength ?? 0;
    if (speaks === 'for') expect(strength).toBeGreaterThan(0);
    else expect(strength).toBe(0);
  });
});
