/** Estimates in a thread of their own, one at a time: a hostile password keeps nobody else waiting for long. */
import { Worker } from 'node:worker_threads';
import { log } from '../log.ts';
import { workerFile } from '../worker-file.ts';
import { type Estimate, type EstimateDone, type EstimateJob, judgedLength } from './estimate.ts';

export interface Estimator {
  /** Undefined when there is no time for it: the other rules stand by themselves. */
  estimate(password: string): Promise<Estimate | undefined>;
  close(): Promise<void>;
}

const waitingMost = 30;
const patienceMs = 5_000;

/** The thread starts with the first password and holds some 100 MB from then on. */
export function createEstimator(): Estimator {
  const waiting = new Map<number, (estimate: Estimate | undefined) => void>();
  const flights = new Map<string, Promise<Estimate | undefined>>();
  let worker: Worker | undefined;
  let last = 0;

  const giveUp = () => {
    for (const answer of waiting.values()) answer(undefined);
    waiting.clear();
    worker = undefined;
  };

  const start = (): Worker => {
    // Flags of the process, such as a test runner's loaders, are not the worker's.
    const made = new Worker(workerFile('strength'), { execArgv: [] });
    made.unref();
    made.on('message', (done: EstimateDone) => {
      waiting.get(done.id)?.({ score: done.score, advice: done.advice });
    });
    made.on('error', (error) => log.error({ err: error }, 'the strength thread failed'));
    made.on('exit', () => {
      if (worker === made) giveUp();
    });
    return made;
  };

  const ask = async (password: string): Promise<Estimate | undefined> => {
    if (waiting.size >= waitingMost) return undefined;
    worker ??= start();
    const job: EstimateJob = { id: ++last, password: password.slice(0, judgedLength) };
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<Estimate | undefined>((resolve) => {
      waiting.set(job.id, resolve);
      timer = setTimeout(() => resolve(undefined), patienceMs);
    });
    worker.postMessage(job);
    try {
      return await answered;
    } finally {
      clearTimeout(timer);
      waiting.delete(job.id);
    }
  };

  return {
    estimate(password) {
      // The same by many at once, such as one form sent over and over, is one job.
      const other = flights.get(password);
      if (other !== undefined) return other;
      const flight = ask(password).finally(() => flights.delete(password));
      flights.set(password, flight);
      return flight;
    },
    close: async () => {
      await worker?.terminate();
      giveUp();
    },
  };
}
