/** Looks now and then for sessions that nobody told of: their daemon did not ask, or asked somebody else. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessRef } from '../protocol/agent.ts';
import { type AdoptParts, adoptMissed } from './adopt.ts';
import { keyOf } from './refused.ts';

const everyMs = 30_000;

export interface LookAroundParts {
  readonly adopting: AdoptParts;
  readonly inTouch: () => boolean;
  readonly everyMs: number | undefined;
}

export async function lookAround(parts: LookAroundParts, stop: AbortSignal): Promise<void> {
  const missed = new MissedTwice();
  while (!stop.aborted) {
    await sleep(parts.everyMs ?? everyMs, undefined, { signal: stop, ref: false }).catch(() => {});
    if (stop.aborted || !parts.inTouch()) continue;
    await parts.adopting.inTurn(() => adoptMissed(parts.adopting, stop, missed.look()));
  }
}

/** Of a session that begins at this moment its daemon, or the service, is about to tell: it is left to the next look. */
export class MissedTwice {
  #before = new Set<string>();

  /** Begins a look; the answer says of a process that is missed whether it was missed by the look before, too. */
  look(): (process: ProcessRef) => boolean {
    const [before, now] = [this.#before, new Set<string>()];
    this.#before = now;
    return (process) => {
      now.add(keyOf(process));
      return before.has(keyOf(process));
    };
  }
}
