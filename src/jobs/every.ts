/** Runs a piece of work by the clock: never twice at once, and a failure only waits for the next time. */
import { log } from '../log.ts';

export interface Job {
  /** Waits for a run that is under way, then there is none any more. */
  stop(): Promise<void>;
}

export function every(ms: number, name: string, work: () => Promise<unknown>): Job {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = work()
      .then(() => {})
      .catch((error: unknown) => log.warn({ err: error, job: name }, 'a job failed and will be tried again'))
      .finally(() => {
        busy = false;
      });
  }, ms);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
