/** Looks now and then for sessions that nobody told of: their daemon did not ask, or asked somebody else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdoptParts, adoptMissed } from './adopt.ts';

const everyMs = 30_000;

export interface LookAroundParts {
  readonly adopting: AdoptParts;
  readonly inTouch: () => boolean;
  /** How a look is put in turn with whatever else compares notes. */
  readonly inTurn: (look: () => Promise<void>) => Promise<void>;
  readonly everyMs: number | undefined;
}

export async function lookAround(parts: LookAroundParts, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await sleep(parts.everyMs ?? everyMs, undefined, { signal: stop, ref: false }).catch(() => {});
    if (!stop.aborted && parts.inTouch()) await parts.inTurn(() => adoptMissed(parts.adopting, stop));
  }
}
