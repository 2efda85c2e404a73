/** How commands speak: one JSON document with `--json`, else lines for a person. The one place that prints. */
import type { z } from 'zod';
import type { Outcome } from '../domain/refusal.ts';
import { refusals, refuse } from '../domain/refusal.ts';

export interface Terminal {
  readonly json: boolean;
  out(text: string): void;
  err(text: string): void;
}

export const shell = (json: boolean): Terminal => ({
  json,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
});

/** Prints an outcome; answers the exit code: 0 for yes, 1 for a refusal. */
export function tell<T>(
  terminal: Terminal,
  outcome: Outcome<T>,
  lines: (value: T) => readonly string[],
): number {
  if (outcome.ok) {
    if (terminal.json) terminal.out(JSON.stringify(outcome.value));
    else for (const line of lines(outcome.value)) terminal.out(line);
    return 0;
  }
  const { refused, detail, errors } = outcome.refusal;
  const { title } = refusals[refused];
  if (terminal.json) terminal.out(JSON.stringify({ error: { code: refused, title, detail, errors } }));
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
