/** One job, inside a worker. */
import { bcryptSetting } from '../domain/hashes/bcrypt-text.ts';
import { levellingCosts } from '../domain/hashes/levelling.ts';
import type { HashScheme } from '../domain/hashes/scheme.ts';
import type { Engine } from './engine.ts';
import type { HashJob } from './job.ts';

const burnSalt = 'abcdefghijklmnopqrstuu';

/**
 * Computes the hash, then burns what is missing to 2^levelTo rounds. `rounds` counts what was really run: equal work
 * for a stored hash, an old cheap one and a decoy is what keeps names from being read off the clock.
 */
export function perform(
  job: HashJob,
  engine: Engine,
  schemes: readonly HashScheme[],
): { readonly text: string; readonly rounds: number } {
  const scheme = schemes.find(({ name }) => name === job.scheme);
  const text = scheme?.compute
    ? scheme.compute(Buffer.from(job.phrase), job.setting)
    : engine.crypt(job.phrase, job.setting);
  let rounds = job.rounds;
  for (const cost of levellingCosts(job.rounds, job.levelTo)) {
    engine.crypt(job.phrase, bcryptSetting(cost, burnSalt));
    rounds += 2 ** cost;
  }
  return { text, rounds };
}
