/** What a pattern is: many small things on record that mean one thing together. */
import type { Observation } from './observation.ts';

/**
 * What follows from a pattern, each more than the one before:
 *   off            nothing is looked for
 *   note           a flag
 *   slow_mails     reset mails of the account come with gaps that grow from the first one on
 *   second_factor  places where the account was never seen open nothing by the password alone
 *   lock           such places open nothing, but to a passkey
 * Whoever asks hears and waits the same as before.
 */
export const effects = ['off', 'note', 'slow_mails', 'second_factor', 'lock'] as const;
export type Effect = (typeof effects)[number];

/** [default, least, most]; spans in seconds. */
export type Bounds = readonly [number, number, number];

export interface Finding {
  /** Whom or what it is about, for one open flag each: an account, a place, or everything. */
  readonly key: string;
  readonly accountId?: string | undefined;
  /** ms since 1970: of the observation that completed it. */
  readonly at: number;
  /** 0..1: half at the threshold. */
  readonly score: number;
  /** What happened, in one sentence for the operator. */
  readonly says: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  /** The place that has itself come in: whatever follows holds for it, too, however well it is known by now. */
  readonly entered?: string | undefined;
  /** No more than a flag follows this time: what completed it may well have been the owner. */
  readonly onlyNote?: boolean;
  /** How often its flag counts this; once where nothing is said. */
  readonly times?: number;
}

/** Looks at one observation after the other, in the order of their times as far as that is known; keeps bounded memory. */
export interface Judge {
  see(observation: Observation): Finding | undefined;
}

export interface Pattern {
  readonly name: string;
  /** What it means, in one sentence. */
  readonly says: string;
  /** What may follow from it, and what does unless the policy says otherwise. */
  readonly effects: readonly Effect[];
  readonly effect: Effect;
  readonly thresholds: Readonly<Record<string, Bounds>>;
  /** @param limits a number for each threshold. */
  start(limits: Readonly<Record<string, number>>): Judge;
}

/** A pattern whose judge is handed exactly its own thresholds. */
export function pattern<Thresholds extends Readonly<Record<string, Bounds>>, Name extends string>(
  made: Omit<Pattern, 'name' | 'thresholds' | 'start'> & {
    readonly name: Name;
    readonly thresholds: Thresholds;
    start(limits: { readonly [Each in keyof Thresholds]: number }): Judge;
  },
): Pattern & { readonly name: Name } {
  return made as unknown as Pattern & { readonly name: Name };
}

/** Half where a threshold is just reached, towards one far beyond it. */
export const scoreOf = (count: number, limit: number) => 1 - 0.5 * (limit / Math.max(count, limit));

/** Some of many, for evidence: enough to look further. */
export const some = (values: Iterable<string>, most = 10): string[] => [...new Set(values)].slice(0, most);

export const secondMs = 1000;
export const dayMs = 86_400_000;
