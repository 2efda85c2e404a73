/** The two clocks of a session: alive, or over and why. Pure, so that the agent's only sleeps are until `nextAt`. */

export interface Clocks {
  readonly idleMs: number;
  /** Milliseconds since 1970, by this host's clock. */
  readonly absoluteAt: number;
}

export type ClockVerdict =
  | { readonly state: 'alive'; readonly nextAt: number }
  | { readonly state: 'idle'; readonly at: number }
  | { readonly state: 'absolute'; readonly at: number };

/** Judges one session. Activity from the future (a clock set back) counts as now, never as more time. */
export function judgeClocks(clocks: Clocks, lastActivityAt: number, now: number): ClockVerdict {
  const idleAt = Math.min(lastActivityAt, now) + clocks.idleMs;
  if (now >= clocks.absoluteAt && clocks.absoluteAt <= idleAt)
    return { state: 'absolute', at: clocks.absoluteAt };
  if (now >= idleAt) return { state: 'idle', at: idleAt };
  return { state: 'alive', nextAt: Math.min(idleAt, clocks.absoluteAt) };
}

/** Last-seen is reported at most this often, or a session looks idle to the service while the agent knows better. */
const longestSilenceMs = 10_000;
const shortestPauseMs = 50;

/**
 * Milliseconds until the agent must measure again: when the first clock may run out, or when last-seen is due
 * (a quarter of the shortest idle limit, at most 10 s). Undefined without sessions.
 */
export function nextMeasureInMs(
  sessions: Iterable<{ readonly clocks: Clocks; readonly lastActivityAt: number }>,
  now: number,
): number | undefined {
  let wait: number | undefined;
  for (const { clocks, lastActivityAt } of sessions) {
    const verdict = judgeClocks(clocks, lastActivityAt, now);
    const due = verdict.state === 'alive' ? verdict.nextAt - now : 0;
    wait = Math.min(wait ?? longestSilenceMs, due, clocks.idleMs / 4);
  }
  return wait === undefined ? undefined : Math.max(Math.ceil(wait), shortestPauseMs);
}
