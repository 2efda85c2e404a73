/** A logistic regression whose weights keep the sign that their signal claims: no signal may come to mean its opposite. */
import { signals } from '../src/domain/signals/index.ts';
import type { Labelled } from './password-requests-data.ts';

export interface Weights {
  readonly bias: number;
  readonly of: readonly number[];
}

/**
 * What one would weigh by hand, from how such requests are made rather than from these messages: fitting starts here and
 * is pulled back to here, so that what a source happens to lack keeps a sane weight.
 */
const byHand: Record<string, number> = {
  'asked-outright': 3.5,
  'asks-for-secret': 1.5,
  'fields-to-fill': 2,
  'asks-to-confirm': 1.5,
  'log-in-to-fix': 1.2,
  'story-then-act': 1.5,
  threat: 1,
  'alarm-story': 0.8,
  'mailbox-story': 1,
  'password-expiry': 1.5,
  deadline: 0.6,
  'behind-a-login': 0.8,
  'impersonal-greeting': 0.8,
  'claims-office': 0.6,
  'claims-brand': 1,
  'recipient-brand': 1,
  'own-name-unproved': 1.2,
  'reply-elsewhere': 0.8,
  'link-elsewhere': 0.5,
  'link-disguised': 1,
  'link-by-text': 1.2,
  'link-odd': 1.2,
  lookalike: 1.2,
  'html-form': 1.5,
  'attached-page': 1,
  'image-only': 0.8,
  'dressed-up': 1,
  'hidden-text': 0.6,
  'never-asks': -1.2,
  // What the house knows, and the messages cannot tell: it outweighs all that speaks against.
  'nobody-asked': 12,
  'told-of-request': 6,
  'code-given': -1.2,
  'may-be-ignored': -0.8,
  'you-asked': -1,
  conversation: -1.5,
  'long-read': -1,
  'home-links': -1.8,
  'access-given': -0.6,
  newsletter: -1,
  'greets-by-name': -1.2,
  'sells-something': -1.2,
};
const priors = signals.map(({ name }) => byHand[name] ?? 0);

const signs = signals.map(({ speaks }) => (speaks === 'for' ? 1 : -1));

export const probability = ({ bias, of }: Weights, strengths: readonly number[]): number =>
  1 / (1 + Math.exp(-strengths.reduce((sum, strength, i) => sum + strength * (of[i] ?? 0), bias)));

/** Every source counts alike among requests and among the rest, and a campaign as one message and a little. */
function importance(rows: readonly Labelled[]): number[] {
  const clusters = new Map<string, number>();
  for (const { cluster } of rows) clusters.set(cluster, (clusters.get(cluster) ?? 0) + 1);
  const raw = rows.map(({ cluster }) => 1 / Math.sqrt(clusters.get(cluster) ?? 1));
  const groups = new Map<string, number>();
  rows.forEach(({ label, source }, i) => {
    const key = `${label} ${source}`;
    groups.set(key, (groups.get(key) ?? 0) + (raw[i] ?? 0));
  });
  const damped = (key: string) => 1 / Math.sqrt(groups.get(key) ?? 1);
  const weighed = rows.map(({ label, source }, i) => (raw[i] ?? 0) * damped(`${label} ${source}`));
  const total = [0, 1].map((side) =>
    weighed.reduce((sum, w, i) => sum + (rows[i]?.label === side ? w : 0), 0),
  );
  return weighed.map((w, i) => w / (2 * (total[rows[i]?.label ?? 0] || 1)));
}

/** Projected gradient descent (Adam), from nothing; deterministic. */
export function fit(rows: readonly Labelled[], strength = 0.03, steps = 600): Weights {
  const count = signals.length;
  const weights = Float64Array.from([...priors, -3]);
  const [m, v] = [new Float64Array(count + 1), new Float64Array(count + 1)];
  const importances = importance(rows);
  for (let step = 1; step <= steps; step++) {
    const gradient = new Float64Array(count + 1);
    rows.forEach(({ label, strengths }, row) => {
      let sum = weights[count] ?? 0;
      for (let i = 0; i < count; i++) sum += (strengths[i] ?? 0) * (weights[i] ?? 0);
      const error = (1 / (1 + Math.exp(-sum)) - label) * (importances[row] ?? 0);
      for (let i = 0; i < count; i++) gradient[i] = (gradient[i] ?? 0) + error * (strengths[i] ?? 0);
      gradient[count] = (gradient[count] ?? 0) + error;
    });
    for (let i = 0; i <= count; i++) {
      const slope = (gradient[i] ?? 0) + (i < count ? strength * ((weights[i] ?? 0) - (priors[i] ?? 0)) : 0);
      m[i] = 0.9 * (m[i] ?? 0) + 0.1 * slope;
      v[i] = 0.999 * (v[i] ?? 0) + 0.001 * slope * slope;
      const rate = 0.05 * Math.min(1, (2 * (steps - step)) / steps + 0.02);
      const next =
        (weights[i] ?? 0) -
        (rate * ((m[i] ?? 0) / (1 - 0.9 ** step))) / (Math.sqrt((v[i] ?? 0) / (1 - 0.999 ** step)) + 1e-9);
      weights[i] = i < count && next * (signs[i] ?? 1) < 0 ? 0 : next;
    }
  }
  return { bias: weights[count] ?? 0, of: [...weights.slice(0, count)] };
}
