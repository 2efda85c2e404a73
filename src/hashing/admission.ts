/** How long a new job would wait, and the refusal when that is too long. */

/** The queue is full in time. The caller answers 503 with `Retry-After: retryAfterSeconds`. */
export class HashingBusy extends Error {
  readonly retryAfterSeconds: number;
  constructor(waitMs: number) {
    super('the password-hash queue is full');
    this.name = 'HashingBusy';
    this.retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  }
}

export interface Admission {
  /** Milliseconds that a job entering now would wait for a thread, estimated. */
  waitMs(): number;
  /** Jobs that wait for a thread. */
  waiting(): number;
  /** Books a job of so many rounds, or throws `HashingBusy`. */
  enter(rounds: number): void;
  /** `ms`: how long it took in its thread; undefined when it failed. */
  leave(rounds: number, ms: number | undefined): void;
}

const weightOfLatest = 0.2;

/**
 * Counts outstanding work in rounds, not in jobs: one imported hash of cost 15 holds a thread as long as sixteen of
 * cost 11. The price of a round is a moving average, so the estimate follows the machine's load.
 */
export function createAdmission(threads: number, maxWaitMs: number): Admission {
  let jobs = 0;
  let roundsOpen = 0;
  let msPerRound = 0;
  const waitMs = () => (jobs < threads ? 0 : (roundsOpen * msPerRound) / threads);
  return {
    waitMs,
    waiting: () => Math.max(0, jobs - threads),
    enter(rounds) {
      const wait = waitMs();
      if (wait > maxWaitMs) throw new HashingBusy(wait);
      jobs += 1;
      roundsOpen += rounds;
    },
    leave(rounds, ms) {
      jobs -= 1;
      roundsOpen -= rounds;
      if (ms === undefined) return;
      const latest = ms / rounds;
      msPerRound = msPerRound === 0 ? latest : msPerRound + weightOfLatest * (latest - msPerRound);
    },
  };
}
