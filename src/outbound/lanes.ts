/** What is under way, by whom it is for: so that nobody gets more than his share, and a stop can wait. */
import { log } from '../log.ts';

export interface Lanes {
  busy(key: string): number;
  total(): number;
  /** Begins `work`, which goes on until it says that nothing is left, or until all lanes are closed. */
  run(key: string, work: () => Promise<'more' | 'done'>): void;
  /** Waits until nothing is under way. */
  idle(): Promise<void>;
  /** The same; nothing is begun from now on. */
  close(): Promise<void>;
}

export function createLanes(): Lanes {
  const counts = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let open = true;

  const count = (key: string, by: number) => {
    const next = (counts.get(key) ?? 0) + by;
    if (next === 0) counts.delete(key);
    else counts.set(key, next);
  };
  const travel = async (key: string, work: () => Promise<'more' | 'done'>) => {
    try {
      while (open && (await work()) === 'more') {}
    } catch (error) {
      log.warn({ err: error, lane: key }, 'a lane broke off and will be begun again');
    } finally {
      count(key, -1);
    }
  };
  const idle = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return {
    busy: (key) => counts.get(key) ?? 0,
    total: () => underWay.size,
    run: (key, work) => {
      if (!open) return;
      count(key, 1);
      const lane = travel(key, work).finally(() => underWay.delete(lane));
      underWay.add(lane);
    },
    idle,
    close: () => {
      open = false;
      return idle();
    },
  };
}
