/**
 * Whether a message asks for a password, how sure that is, and because of what. Pure: the same message in the same
 * setting has the same verdict, on every machine.
 */
import type { Message, Setting } from './message.ts';
import { type Evidence, type Reading, read } from './reading/read.ts';
import { type Finding, type Signal, signals } from './signals/index.ts';
import { weights as shipped, type Weights } from './signals/weights.ts';

/** Scores from here on are requests, unless the policy says otherwise. */
export const defaultThreshold = 0.5;

export interface Spoken {
  readonly name: string;
  /** What it adds to the sum before the logistic function: above zero for a request, below against. */
  readonly weight: number;
  readonly says: string;
  readonly evidence: readonly Evidence[];
}

export interface Verdict {
  readonly verdict: 'password_request' | 'clear';
  /** 0..1, three digits. */
  readonly score: number;
  /** For the person who got the message. */
  readonly explanation: string;
  /** Those that spoke, the weightiest first. */
  readonly signals: readonly Spoken[];
  /** ISO 639-1 of the languages it was read in. */
  readonly languages: readonly string[];
  /** Limits that were met: what lies beyond was not judged. */
  readonly cut: readonly string[];
}

export interface Scale {
  readonly threshold?: number;
  /** Learned from an operator's confirmations and dismissals; the shipped ones otherwise. */
  readonly weights?: Weights;
}

export const nobodyKnown: Setting = { ownDomains: [], recipientDomains: [] };

export function judge(message: Message, setting: Setting = nobodyKnown, scale: Scale = {}): Verdict {
  return judgeReading(read(message), setting, scale);
}

/** The same, of a message that was read already. */
export function judgeReading(reading: Reading, setting: Setting, scale: Scale = {}): Verdict {
  return verdictOf(reading, weighed(reading, setting), scale);
}

/** The verdict on what the signals found. */
export function verdictOf(
  reading: Reading,
  findings: readonly (readonly [Signal, Finding])[],
  scale: Scale = {},
): Verdict {
  const { bias, of } = scale.weights ?? shipped;
  const spoken = findings
    .map(([{ name, says }, { strength, evidence }]) => ({
      name,
      weight: rounded((of[name] ?? 0) * strength),
      says,
      evidence,
    }))
    .filter(({ weight }) => weight !== 0)
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || (a.name < b.name ? -1 : 1));
  const sum = findings.reduce((total, [{ name }, { strength }]) => total + (of[name] ?? 0) * strength, bias);
  const score = rounded(1 / (1 + Math.exp(-sum)));
  const asks = score >= (scale.threshold ?? defaultThreshold);
  return {
    verdict: asks ? 'password_request' : 'clear',
    score,
    explanation: asks ? warning(spoken) : reassurance(spoken),
    signals: spoken,
    languages: reading.languages,
    cut: [...reading.message.cut, ...(reading.tokens.cut ? ['words'] : [])],
  };
}

/** Every signal that finds something, with what it finds. */
export function weighed(reading: Reading, setting: Setting): [Signal, Finding][] {
  return signals.flatMap((signal): [Signal, Finding][] => {
    const finding = signal.weigh(reading, setting);
    return finding ? [[signal, finding]] : [];
  });
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;

function warning(spoken: readonly Spoken[]): string {
  const because = spoken.filter(({ weight }) => weight > 0).slice(0, 3);
  return `This looks like an attempt to get at your password. ${because.map(({ says }) => says).join(' ')}`.trim();
}

function reassurance(spoken: readonly Spoken[]): string {
  const strongest = spoken[0];
  if (!strongest) return 'Nothing in it asks for a password.';
  if (strongest.weight < 0) return `It does not seem to ask for a password. ${strongest.says}`;
  return `It has something of a request for a password, but not enough to say so. ${strongest.says}`;
}
