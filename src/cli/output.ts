/** How commands speak: one JSON document with `--json`, else lines for a person. The one place that prints. */
import type { z } from 'zod';
import type { Outcome } from '../domain/refusal.ts';
import { refusals, refuse } from '../domain/refusal.ts';

export interface Terminal {
  readonly json: boolean;
  out(text: string): void;
  err(text: string): void;
}

/** What an attacker wrote moves no cursor and turns no text around: controls and format characters become blanks. */
export const harmless = (line: string) => line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
const harmlessLines = (text: string) => text.split('\n').map(harmless).join('\n');

/** JSON with the same characters escaped: what is read back is what was said. */
export const jsonOf = (value: unknown): string => escaped(JSON.stringify(value));
const escaped = (json: string) =>
  json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    Array.from(
      { length: char.length },
      (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );

interface Stream {
  write(text: string): unknown;
}

export const shell = (
  json: boolean,
  out: Stream = process.stdout,
  err: Stream = process.stderr,
): Terminal => ({
  json,
  out: (text) => void out.write(`${json ? escaped(text) : harmlessLines(text)}\n`),
  err: (text) => void err.write(`${harmlessLines(text)}\n`),
});

/** Prints an outcome; answers the exit code: 0 for yes, 1 for a refusal. */
export function tell<T>(
  terminal: Terminal,
  outcome: Outcome<T>,
  lines: (value: T) => readonly string[],
): number {
  if (outcome.ok) {
    if (terminal.json) terminal.out(jsonOf(outcome.value));
    else for (const line of lines(outcome.value)) terminal.out(line);
    return 0;
  }
  const { refused, detail, errors } = outcome.refusal;
  const { title } = refusals[refused];
  if (terminal.json) terminal.out(jsonOf({ error: { code: refused, title, detail, errors } }));
  terminal.err(detail ?? title);
  for (const each of errors ?? []) terminal.err(`  ${each.path}: ${each.message}`);
  return 1;
}

/** What is wrong with what was typed, by the names of the API. */
export function faults(error: z.ZodError) {
  const errors = error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  return refuse('invalid_field', { errors });
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
