/** Tells apart the sessions of a daemon that speaks several protocols, by the port that they came in by. */
import { isIP } from 'node:net';
import type { World } from '../world.ts';
import type { Door } from './doors/index.ts';
import { greetingOf } from './hands-greeting.ts';

/** A daemon may be set up anew: a port is asked again after that. */
const freshMs = 600_000;
/** A daemon takes only so many connections at a time. */
const mostAtOnce = 4;
/** Data connections of FTP have ports of their own. */
const mostKnown = 1_024;

export type Place = Pick<Door, 'store' | 'channel'>;
export type Port = { readonly local: string; readonly localPort: number };
export type Arrival = { readonly door: Door; readonly port: Port };

/**
 * What a port said last with certainty stands while later answers are not certain: whoever holds all connections of a
 * daemon could else hide the sessions there. An uncertain answer is not kept.
 */
export class Greetings {
  readonly #world: World;
  readonly #known = new Map<string, { readonly place: Place; readonly at: number }>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Store and channel of a session of this door; undefined where it is not certain. */
  placeOf(door: Door, port: Port | undefined): Place | undefined {
    if (door.greeted === undefined) return { store: door.store, channel: door.channel };
    return port && this.#known.get(keyOf({ door, port }))?.place;
  }

  /** Whether the port is to be asked before `placeOf` is. */
  isDue(door: Door, port: Port | undefined): port is Port {
    if (door.greeted === undefined || port === undefined || !canBeAsked(port)) return false;
    const known = this.#known.get(keyOf({ door, port }));
    return known === undefined || this.#world.monotonicMs() - known.at > freshMs;
  }

  /** Asks each of these ports once, however many sessions came in by it. */
  async ask(arrivals: readonly Arrival[], signal: AbortSignal): Promise<void> {
    const waiting = [...new Map(arrivals.map((arrival) => [keyOf(arrival), arrival])).entries()];
    const lane = async () => {
      for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
        const [key, { door, port }] = next;
        const asking =
          this.#asking.get(key) ?? this.#ask(door, port, signal).finally(() => this.#asking.delete(key));
        this.#asking.set(key, asking);
        await asking;
      }
    };
    await Promise.all(Array.from({ length: mostAtOnce }, lane));
  }

  /** PAM opened a session of this door there, and its file says which. */
  learn(door: Door, port: Port, { store, channel }: Place): void {
    const place = door.greeted?.find((each) => each.store === store && each.channel === channel);
    if (place && canBeAsked(port)) this.#keep(keyOf({ door, port }), place);
  }

  async #ask(door: Door, port: Port, signal: AbortSignal): Promise<void> {
    const line = await greetingOf(port.local, port.localPort, signal);
    const place = line === undefined ? undefined : door.greeted?.find(({ by }) => by.test(line));
    if (place) this.#keep(keyOf({ door, port }), place);
  }

  #keep(key: string, { store, channel }: Place): void {
    this.#known.delete(key);
    this.#known.set(key, { place: { store, channel }, at: this.#world.monotonicMs() });
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
  }
}

function keyOf({ door, port }: Arrival): string {
  return `${door.name} ${port.local} ${port.localPort}`;
}

/** Of a link-local address (fe80::/10) it is not known which interface is meant: nothing is certain there. */
function canBeAsked({ local }: Port): boolean {
  return isIP(local) !== 0 && !/^fe[89ab]/i.test(local);
}
