/** What an authentication proved, kept until the session opens: one use, 120 s, for that login through that door alone. */
import type { UnixIds } from '../domain/unix-ids.ts';
import type { VerifiedRef } from '../protocol/agent.ts';
import type { World } from '../world.ts';

export interface Ticket {
  readonly login: string;
  readonly store: string;
  readonly service: string;
  readonly verified: VerifiedRef;
  /** Who the account's files belong to and where they are, if the service knows and it is a person's. */
  readonly unix?: UnixIds | undefined;
}

const lifeMs = 120_000;
/** More logins than this between password and session within two minutes are an attack or a broken daemon. */
const most = 10_000;

export class Tickets {
  readonly #world: World;
  readonly #held = new Map<string, Ticket & { readonly until: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  issue(ticket: Ticket): string {
    const now = this.#world.monotonicMs();
    for (const [id, held] of this.#held) {
      // In order of issue: the first that still holds ends the search.
      if (held.until > now && this.#held.size < most) break;
      this.#held.delete(id);
    }
    const id = this.#world.random(16).toString('hex');
    this.#held.set(id, { ...ticket, until: now + lifeMs });
    return id;
  }

  /** The ticket, if it was issued for exactly this login, store and service. The user sees its id, so a match is required. */
  look(id: string, login: string, store: string, service: string): Ticket | undefined {
    const held = this.#held.get(id);
    const matches = held?.login === login && held.store === store && held.service === service;
    return matches && held.until > this.#world.monotonicMs() ? held : undefined;
  }

  /** As `look`, and the ticket is used up. */
  spend(id: string, login: string, store: string, service: string): Ticket | undefined {
    const held = this.look(id, login, store, service);
    if (held) this.#held.delete(id);
    return held;
  }
}
