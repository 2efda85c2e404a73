/** Whatever bytes come: each line has its number, bad ones are named, and memory stays small. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutLines, type Line, longestLine } from '../../../src/domain/imports/lines.ts';

function cut(...chunks: (string | Uint8Array)[]): Line[] {
  const cutter = cutLines();
  const pushed = chunks.flatMap((chunk) =>
    cutter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk),
  );
  return [...pushed, ...cutter.end()];
}
const texts = (lines: Line[]) => lines.map((line) => ('text' in line ? line.text : `! ${line.refused}`));

describe('lines', () => {
  test('with LF, with CRLF, with a BOM, with or without a last newline', () => {
    expect(texts(cut('a\nb\n'))).toEqual(['a', 'b']);
    expect(texts(cut('a\r\nb'))).toEqual(['a', 'b']);
    expect(texts(cut('\ufeffa\nb\ufeff'))).toEqual(['a', 'b\ufeff']);
    expect(texts(cut('\n\na'))).toEqual(['', '', 'a']);
    expect(cut('')).toEqual([]);
    expect(cut('a\n\nb').map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test('NUL, Latin-1 and halves of characters are refused by line, the others come in', () => {
    const bytes = Buffer.concat([
      Buffer.from('one\ntw\0o\n'),
      Buffer.from('thr\xe9e\n', 'latin1'),
      Buffer.from([0xf0, 0x9f, 0x0a]),
      Buffer.from([0xed, 0xa0, 0x80, 0x0a]),
      Buffer.from('six\n'),
    ]);
    expect(texts(cut(bytes))).toEqual([
      'one',
      '! The line holds a NUL.',
      '! The line is not UTF-8.',
      '! The line is not UTF-8.',
      '! The line is not UTF-8.',
      'six',
    ]);
  });

  test('a line of 10 MB is refused once, and holds no memory', () => {
    const cutter = cutLines();
    const part = Buffer.alloc(65_536, 'x');
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 160; n += 1) expect(cutter.push(part)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(texts(cutter.push(Buffer.from('\nnext\n')))).toEqual([
      `! The line is longer than ${longestLine} bytes.`,
      'next',
    ]);
    expect(texts(cut(Buffer.alloc(longestLine, 'x')))[0]).toHaveLength(longestLine);
    expect(texts(cut(Buffer.alloc(longestLine + 1, 'x')))[0]).toMatch(/^! /);
  });

  test('where the chunks end makes no difference', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => Buffer.from(text.replaceAll(/[\n]/g, ''))),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
      fc.nat({ max: 3 }).map((more) => Buffer.alloc(longestLine - 1 + more, 'y')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat({ max: 30_000 })), (lines, at) => {
        const whole = Buffer.concat(lines.flatMap((each) => [each, Buffer.from('\n')]));
        const ends = [...at.filter((end) => end < whole.length), whole.length].sort((a, b) => a - b);
        const chunks = ends.map((end, n) => whole.subarray(n === 0 ? 0 : ends[n - 1], end));
        expect(cut(...chunks)).toEqual(cut(whole));
        expect(cut(whole)).toHaveLength(lines.length);
      }),
    );
  });
});
