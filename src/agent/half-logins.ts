/** Logins that still owe a code: the service's challenge under a handle of the agent's own, for one login and door. */
import type { World } from '../world.ts';

export interface HalfLogin {
  readonly login: string;
  readonly store: string;
  readonly service: string;
  readonly challenge: string;
  /** Codes that may still be tried. */
  readonly tries: number;
}

/** As long as a challenge of the service lives. */
const lifeMs = 300_000;
/** More than this between password and code are an attack or a broken daemon. */
const most = 10_000;

export class HalfLogins {
  readonly #world: World;
  readonly #held = new Map<string, HalfLogin & { readonly until: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Answers the handle. */
  keep(half: HalfLogin): string {
    const now = this.#world.monotonicMs();
    for (const [handle, held] of this.#held) {
      // In order of keeping: the first that still holds ends the search.
      if (held.until > now && this.#held.size < most) break;
      this.#held.delete(handle);
    }
    const handle = this.#world.random(16).toString('hex');
    this.#held.set(handle, { ...half, until: now + lifeMs });
    return handle;
  }

  /** Takes it out: of two codes at once for one handle, one is judged. */
  take(handle: string, login: string, store: string, service: string): HalfLogin | undefined {
    const held = this.#held.get(handle);
    if (held?.login !== login || held.store !== store || held.service !== service) return undefined;
    this.#held.delete(handle);
    return held.until > this.#world.monotonicMs() ? held : undefined;
  }
}
