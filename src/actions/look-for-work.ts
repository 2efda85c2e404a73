/** Which of the queues hold something: jobs that empty them ask here first. */
import { type WaitingWork, waitingWork } from '../store/waiting-work.ts';
import type { Ctx } from './context.ts';

export type Work = keyof WaitingWork;

/** One look serves all who ask while it is under way: jobs that run by the same clock ask together. */
export function lookForWork(enterNow: () => Ctx): (work: Work) => Promise<boolean> {
  let looking: Promise<WaitingWork> | undefined;
  return async (work) => {
    if (looking === undefined) {
      const ctx = enterNow();
      looking = waitingWork(ctx.read, ctx.now).finally(() => {
        looking = undefined;
      });
    }
    return (await looking)[work];
  };
}
