/** One job, inside a worker. */
import { bcryptSetting } from '../domain/hashes/bcrypt-text.ts';
import { nextRun, runEffort } from '../domain/hashes/levelling.ts';
import type { HashScheme } from '../domain/hashes/scheme.ts';
import type { Argon2 } from './argon2.ts';
import type { Engine } from './engine.ts';
import type { HashJob } from './job.ts';

export interface Bench {
  readonly engine: Engine;
  readonly argon2: Argon2 | undefined;
  readonly schemes: readonly HashScheme[];
  readonly monotonicMs: () => number;
}

export interface Performed {
  readonly text: string;
  readonly rounds: number;
}

const burnSalt = 'abcdefghijklmnopqrstuu';
/** Below this share of the decoy's work an error in the pace does not show. */
const unsureFrom = 0.05;
const weightOfLatest = 0.2;

/** The text of a job; empty when it cannot be computed here, which must take no less time than if it could. */
function compute(job: HashJob, bench: Bench): string {
  const scheme = bench.schemes.find(({ name }) => name === job.scheme);
  try {
    switch (scheme?.computer) {
      case 'bcrypt':
        return bench.engine.crypt(job.phrase, job.setting);
      case 'argon2':
        return bench.argon2?.(job.phrase, job.setting) ?? '';
      case 'crypt':
        if (bench.engine.name === 'libcrypt') return bench.engine.crypt(job.phrase, job.setting);
    }
    return scheme?.compute?.(Buffer.from(job.phrase), job.setting) ?? '';
  } catch {
    return '';
  }
}

/**
 * Computes hashes, and burns what each is short of one bcrypt of the job's level. Equal work for a stored hash, an old
 * cheap one and a decoy is what keeps names from being read off the clock.
 *
 * bcrypt is counted. What another scheme took is measured and taken as the rounds of bcrypt that this very thread does
 * in that time, at the pace of the runs burnt beside it: on a machine that is slowed by other work both are slowed
 * alike, where a fixed time to wait for would stand out from the decoys, and a table of costs would be of another machine.
 */
export function performer(bench: Bench): (job: HashJob) => Performed {
  const { engine, monotonicMs } = bench;
  /** Milliseconds of a round, of late; the first job of a thread is a bcrypt and tells it. */
  let latePace = 0;
  const learn = (ms: number, rounds: number) => {
    const pace = ms / rounds;
    latePace = latePace === 0 ? pace : latePace + weightOfLatest * (pace - latePace);
  };

  return (job) => {
    const level = { cost: job.levelTo, perCall: engine.callRounds };
    const begunAt = monotonicMs();
    const text = compute(job, bench);
    const ms = monotonicMs() - begunAt;
    const counted = !job.guessed && text !== '';
    let burnt = 0;
    let burntMs = 0;
    const own = job.rounds + engine.callRounds;
    if (counted) learn(ms, own);
    const spent = () => {
      if (counted) return own + burnt;
      const pace = burnt > 0 ? burntMs / burnt : latePace;
      return (pace > 0 ? ms / pace : 0) + burnt;
    };
    const target = runEffort(level.cost, level.perCall);
    for (;;) {
      const unsure = !counted && burnt === 0 && spent() > unsureFrom * target;
      const run = nextRun(spent(), level, unsure);
      if (run === undefined) break;
      const from = monotonicMs();
      engine.crypt(job.phrase, bcryptSetting(run, burnSalt));
      burntMs += monotonicMs() - from;
      burnt += runEffort(run, level.perCall);
    }
    if (burnt > 0) learn(burntMs, burnt);
    return { text, rounds: spent() };
  };
}
