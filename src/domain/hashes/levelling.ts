/**
 * How an old and cheap hash is made to take as long as the decoy of a name that does not exist: what is missing is
 * burnt in runs of bcrypt. All is counted in rounds of bcrypt; a call costs `perCall` rounds beside those of its cost.
 * Dearer work than the decoy's is not lifted; it takes longer, and can be told from a decoy until `cost` is raised.
 */

export interface Level {
  /** Decoys are one run of this cost. */
  readonly cost: number;
  readonly perCall: number;
}

const cheapestRun = 4;

/** What one run of that cost takes. */
export function runEffort(cost: number, perCall: number): number {
  return 2 ** cost + perCall;
}

/**
 * The cost of the next run to burn; undefined when `spent` is as near as runs can come. `unsure`: how much was spent
 * is known by an old pace only, so that half is burnt first and shows the pace of this moment.
 */
export function nextRun(spent: number, level: Level, unsure = false): number | undefined {
  const missing = runEffort(level.cost, level.perCall) - spent;
  if (missing < runEffort(cheapestRun, level.perCall) / 2) return undefined;
  const most = unsure ? missing / 2 : missing;
  // Rounded to the nearest: what was spent is measured, and a hair too much must not cost a whole row of runs.
  const run = Math.floor(
    Math.log2(Math.max(2 ** cheapestRun, most - level.perCall + 2 ** (cheapestRun - 1))),
  );
  return Math.min(level.cost, Math.max(cheapestRun, run));
}
