/** The service's clock against this host's. Ends are told in its time and must not move with a host whose clock is wrong. */
import type { Clocks } from './clock-decision.ts';

/** A difference below this is the network's delay rather than a wrong clock. */
const tolerableMs = 2_000;

export class TimeShift {
  #aheadMs = 0;

  /** `serverTime` as just answered; `now` by this host, in ms since 1970. Returns the difference in use. */
  learn(serverTime: string, now: number): number {
    const ahead = Date.parse(serverTime) - now;
    this.#aheadMs = Math.abs(ahead) < tolerableMs ? 0 : ahead;
    return this.#aheadMs;
  }

  /** A moment of this host, in ms since 1970, as the service writes it. */
  toService(at: number): string {
    return new Date(at + this.#aheadMs).toISOString();
  }

  clocksOf(session: { readonly idle_seconds: number; readonly absolute_expires_at: string }): Clocks {
    return {
      idleMs: session.idle_seconds * 1000,
      absoluteAt: Date.parse(session.absolute_expires_at) - this.#aheadMs,
    };
  }
}
