/**
 * Finds requests for passwords among the development messages, judged as unseen: every message by weights that were
 * fitted without its source (and, in the second table, without its campaign). `--write` ships weights fitted on all.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signals } from '../src/domain/signals/index.ts';
import { type Labelled, labelled } from './password-requests-data.ts';
import { fit, probability } from './password-requests-fit.ts';
import { operatingPoint, report, type Scores } from './password-requests-report.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const folder = process.env.PASSWORD_REQUESTS ?? join(root, 'bench', 'data', 'password-requests');
const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Each message's score by weights fitted on what is not in its group. */
function unseen(rows: readonly Labelled[], groupOf: (row: Labelled) => string): Scores {
  const scores: Scores = new Map();
  for (const group of new Set(rows.map(groupOf))) {
    const weights = fit(rows.filter((row) => groupOf(row) !== group));
    for (const row of rows)
      if (groupOf(row) === group) scores.set(row.id, probability(weights, row.strengths));
  }
  return scores;
}

/** One of five; the messages of a campaign stay together. */
function foldOf({ cluster }: Labelled): string {
  let hash = 0;
  for (const char of cluster) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return String(hash % 5);
}

function write(rows: readonly Labelled[], threshold: number): void {
  const { bias, of } = fit(rows);
  // Half is where the verdict turns: the bias is moved by as much as the operating point is away from it.
  const moved = bias - Math.log(threshold / (1 - threshold));
  const lines = signals.map(({ name }, i) => `    '${name}': ${(of[i] ?? 0).toFixed(2)},`);
  const path = join(root, 'src/domain/signals/weights.ts');
  writeFileSync(
    path,
    `/**
 * What each signal weighs. Written by \`bench/password-requests --write\`: fitted from weights set by hand, each keeping
 * the sign that its signal claims; see docs/decisions/detector.md. Numbers only.
 */
export interface Weights {
  readonly bias: number;
  readonly of: Readonly<Record<string, number>>;
}

export const weights: Weights = {
  bias: ${moved.toFixed(2)},
  of: {
${lines.join('\n')}
  },
};
`,
  );
  say(`\nwritten: ${path}`);
}

if (!existsSync(join(folder, 'messages.jsonl.gz'))) {
  say(`skipped: no development messages in ${folder} (PASSWORD_REQUESTS names the folder)`);
} else {
  const rows = labelled(folder);
  const requests = rows.filter(({ label }) => label === 1).length;
  say(`${rows.length} messages, ${requests} of them requests, ${signals.length} signals`);
  const away = unseen(rows, ({ source }) => source);
  say('\n## Leave one source out');
  report(rows, away, say);
  say('\n## Leave campaigns out (five parts)');
  report(rows, unseen(rows, foldOf), say);
  if (process.argv.includes('--write')) write(rows, operatingPoint(rows, away));
}
