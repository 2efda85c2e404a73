/** Whatever is printed, a terminal obeys none of it, and a program reads back what was said. */
import { expect, it } from 'vitest';
import { shell } from '../../src/cli/output.ts';

const hostile = 'a\u009b2J\u001b[31m\u202e\u200d\u{e0041}\u2028\u0000\nb';

function printed(json: boolean): { out: string; err: string } {
  const said: { out: string[]; err: string[] } = { out: [], err: [] };
  const terminal = shell(
    json,
    { write: (text) => said.out.push(text) },
    { write: (text) => said.err.push(text) },
  );
  terminal.out(json ? JSON.stringify({ hostile }) : hostile);
  terminal.err(hostile);
  return { out: said.out.join(''), err: said.err.join('') };
}

it('controls and format characters are blanks in lines, and escapes in JSON', () => {
  const [plain, json] = [printed(false), printed(true)];
  for (const said of [plain.out, plain.err, json.out, json.err]) {
    expect(said.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
    expect(said.at(-1)).toBe('\n');
  }
  expect(JSON.parse(json.out)).toEqual({ hostile });
  expect(plain.out.split('\n')).toHaveLength(3);
});
