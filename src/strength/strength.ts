/** What a chosen password is worth against whoever guesses: lists, leaks, and how much guessing it takes. */
import type { RankOf } from '../domain/password.ts';
import { blocklist } from './blocklist.ts';
import { type Breached, openBreachSet } from './breach-set.ts';
import { createEstimator, type Estimator } from './estimator.ts';

export interface Strength extends Estimator {
  readonly rankOf: RankOf;
  /** Whether it is known to have leaked; undefined where no set is configured. @throws when the set cannot be read. */
  readonly breached: Breached | undefined;
  /** Names that an attacker of this host begins with. */
  readonly words: readonly string[];
}

export interface StrengthOptions {
  readonly words: readonly string[];
  readonly breachSet: string | undefined;
}

/** @throws when a breach set is named and cannot be opened. */
export function createStrength(options: StrengthOptions): Strength {
  let ranks: RankOf | undefined;
  return {
    ...createEstimator(),
    rankOf: (text) => {
      ranks ??= blocklist();
      return ranks(text);
    },
    breached: options.breachSet === undefined ? undefined : openBreachSet(options.breachSet),
    words: options.words,
  };
}
