/** The figures of one way of judging. */
import type { Labelled } from './password-requests-data.ts';

export type Scores = Map<string, number>;

const ordinary = new Set(['ham', 'ham_pw', 'sms_other', 'call_normal']);
const transactional = new Set(['legit_transactional', 'legit_otp_sms']);

/** The score that `share` of these messages lie above. */
function exceededBy(rows: readonly Labelled[], scores: Scores, share: number): number {
  const sorted = rows.map(({ id }) => scores.get(id) ?? 0).sort((a, b) => b - a);
  return sorted[Math.floor(share * sorted.length)] ?? 0;
}

const above = (rows: readonly Labelled[], scores: Scores, threshold: number) =>
  rows.filter(({ id }) => (scores.get(id) ?? 0) > threshold).length;

/** 1 in 100 transactional messages and 1 in 1,000 ordinary ones at most. */
export function operatingPoint(rows: readonly Labelled[], scores: Scores): number {
  const legitimate = rows.filter(({ label }) => label === 0);
  return Math.max(
    exceededBy(legitimate, scores, 0.01),
    exceededBy(
      legitimate.filter(({ category }) => transactional.has(category)),
      scores,
      0.01,
    ),
    exceededBy(
      legitimate.filter(({ category }) => ordinary.has(category)),
      scores,
      0.001,
    ),
  );
}

export function report(rows: readonly Labelled[], scores: Scores, say: (line: string) => void): void {
  const requests = rows.filter(({ label }) => label === 1);
  const others = rows.filter(({ label }) => label === 0);
  const threshold = operatingPoint(rows, scores);
  const [at1, at01] = [exceededBy(others, scores, 0.01), exceededBy(others, scores, 0.001)];
  const hits = above(requests, scores, threshold);
  const wrong = above(others, scores, threshold);
  const [precision, recall] = [hits / (hits + wrong || 1), hits / requests.length];
  const f1 = (2 * precision * recall) / (precision + recall || 1);
  say(
    `operating point ${threshold.toFixed(3)}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, F1 ${f1.toFixed(3)}`,
  );
  const share = (threshold_: number) => (above(requests, scores, threshold_) / requests.length).toFixed(3);
  say(`recall at 1 % false alarms ${share(at1)}, at 0.1 % ${share(at01)}`);
  for (const key of ['source', 'category', 'lang'] as const) {
    say(`\n${key.padEnd(22)} requests  found  at 1 %  at 0.1 % | others  flagged`);
    for (const group of new Set(rows.map((row) => row[key]))) {
      const [mine, theirs] = [
        requests.filter((row) => row[key] === group),
        others.filter((row) => row[key] === group),
      ];
      const found = [threshold, at1, at01].map((each) =>
        mine.length === 0 ? '-' : (above(mine, scores, each) / mine.length).toFixed(2),
      );
      say(
        `${group.padEnd(22)} ${String(mine.length).padStart(8)} ${found.map((each) => each.padStart(6)).join('  ')} | ${String(theirs.length).padStart(6)} ${String(above(theirs, scores, threshold)).padStart(8)}`,
      );
    }
  }
}
