/** A terminal that keeps what was said to it. */
import type { Terminal } from '../../src/cli/output.ts';

export function terminal(json: boolean): Terminal & { said: string[]; cried: string[] } {
  const said: string[] = [];
  const cried: string[] = [];
  return { json, said, cried, out: (text) => void said.push(text), err: (text) => void cried.push(text) };
}
