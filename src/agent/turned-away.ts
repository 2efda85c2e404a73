/** Logins that found no room: each is counted, and told once in so long, since a flood of them must not become one of log lines. */
import type { Log } from '../log.ts';
import type { World } from '../world.ts';

const toldEveryMs = 10_000;

export class TurnedAway {
  readonly #parts: { readonly world: World; readonly log: Log; onTurnedAway?(): void };
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(parts: { readonly world: World; readonly log: Log; onTurnedAway?(): void }) {
    this.#parts = parts;
  }

  /** `open`: how many are being answered now. */
  one(open: number): void {
    const { log, world, onTurnedAway } = this.#parts;
    onTurnedAway?.();
    this.#untold++;
    if (world.monotonicMs() - this.#toldAt < toldEveryMs) return;
    log.error(
      { open, turned_away: this.#untold },
      'too many logins at once: those that find no room are denied',
    );
    this.#toldAt = world.monotonicMs();
    this.#untold = 0;
  }
}
