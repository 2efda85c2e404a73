/** All patterns at once over one stream of observations, by the thresholds of a policy. */
import { type Effect, type Finding, type PatternName, patterns } from './index.ts';
import type { Observation } from './observation.ts';
import { dropOldest } from './windows.ts';

/** What a policy says of one pattern; beside these, a number for each of its thresholds. */
export interface PatternPolicy {
  readonly effect: Effect;
  /** How long what follows lasts after the pattern was last seen. */
  readonly effect_seconds: number;
  readonly [threshold: string]: number | string;
}
export type PatternPolicies = Readonly<Record<PatternName, PatternPolicy>>;

export interface Found extends Finding {
  readonly pattern: PatternName;
}

/** A pattern that goes on is said again this often, not at every observation. */
const quietMs = 60_000;
/** The longest that any pattern looks back: what must be read again after a restart. */
export const lookBackMs = 86_400_000;

function limitsOf(policy: PatternPolicy): Readonly<Record<string, number>> {
  const numbers = Object.entries(policy).filter(
    (each): each is [string, number] => typeof each[1] === 'number',
  );
  return Object.fromEntries(numbers);
}

export interface PatternWatch {
  see(observation: Observation): readonly Found[];
}

export function watchAll(policies: PatternPolicies): PatternWatch {
  const judges = patterns
    .filter(({ name }) => policies[name].effect !== 'off')
    .map(({ name, start }) => ({ name, judge: start(limitsOf(policies[name])) }));
  const said = new Map<string, number>();
  const isNew = (key: string, at: number) => {
    if (Math.abs(at - (said.get(key) ?? Number.NEGATIVE_INFINITY)) < quietMs) return false;
    said.delete(key);
    said.set(key, at);
    dropOldest(said, 20_000);
    return true;
  };
  return {
    see: (observation) =>
      judges.flatMap(({ name, judge }): Found[] => {
        const finding = judge.see(observation);
        if (finding === undefined || !isNew(`${name} ${finding.key}`, finding.at)) return [];
        return [{ pattern: name, ...finding }];
      }),
  };
}
