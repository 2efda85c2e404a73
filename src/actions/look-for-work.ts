/** Which of the queues hold something: jobs that empty them ask here first. */
import { log } from '../log.ts';
import { type WaitingWork, waitingWork } from '../store/waiting-work.ts';
import type { Ctx } from './context.ts';

export type Work = keyof WaitingWork;

/** A look takes a millisecond; one that takes longer keeps nobody waiting. */
const patienceMs = 2000;

/**
 * One look serves all who ask while it is under way: jobs that run by the same clock ask together. It only saves
 * questions: where it fails or hangs, every queue is said to hold something, and its job sees for itself.
 */
export function lookForWork(enterNow: () => Ctx): (work: Work) => Promise<boolean> {
  let looking: Promise<WaitingWork | undefined> | undefined;
  const look = () => {
    const ctx = enterNow();
    const seen = waitingWork(ctx.read, ctx.now).catch((error: unknown) => {
      log.warn({ err: error }, 'what waits for jobs could not be told: they all run');
      return undefined;
    });
    return inTime(seen).finally(() => {
      looking = undefined;
    });
  };
  return async (work) => {
    looking ??= look();
    return (await looking)?.[work] ?? true;
  };
}

/** Undefined where it takes too long. */
async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
    timer.unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
