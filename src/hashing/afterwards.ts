/**
 * Work that nobody waits for, done when the hash threads are idle: one piece at a time, some seconds late by chance,
 * and dropped whenever there is more to do. So its hash shows in the time of no answer.
 */
import { log } from '../log.ts';
import type { World } from '../world.ts';

export interface AfterwardsOptions {
  readonly world: World;
  /** Whether nothing waits for a hash thread now. */
  isIdle(): boolean;
  /** The longest delay, in ms. */
  readonly delayMs?: number;
  readonly waitingMost?: number;
}

export interface Afterwards {
  /** Takes the work, or drops it; never throws, and never makes anybody wait. */
  later(work: () => Promise<void>): void;
  /** Drops what waits, and waits for what is under way. */
  stop(): Promise<void>;
}

export function createAfterwards(options: AfterwardsOptions): Afterwards {
  const { world, isIdle, delayMs = 4000, waitingMost = 16 } = options;
  const waiting = new Set<NodeJS.Timeout>();
  let underWay: Promise<void> | undefined;

  const run = (work: () => Promise<void>) => {
    if (underWay !== undefined || !isIdle()) return;
    underWay = work()
      .catch((error: unknown) => log.warn({ err: error }, 'work that nobody waits for failed'))
      .finally(() => {
        underWay = undefined;
      });
  };

  return {
    later(work) {
      if (waiting.size >= waitingMost) return;
      const delay = (world.random(2).readUInt16BE() / 0xffff) * delayMs;
      const timer = setTimeout(() => {
        waiting.delete(timer);
        run(work);
      }, delay);
      timer.unref();
      waiting.add(timer);
    },
    async stop() {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
      await underWay;
    },
  };
}
