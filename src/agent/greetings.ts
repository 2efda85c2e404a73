/** Tells apart the sessions of a daemon that speaks several protocols, by the port that they came in by. */
import type { World } from '../world.ts';
import type { Door } from './doors/index.ts';
import { greetingOf } from './hands-greeting.ts';

/** A daemon may be set up anew. */
const keptMs = 600_000;

type Place = Pick<Door, 'store' | 'channel'>;
type Port = { readonly local: string; readonly localPort: number };

export class Greetings {
  readonly #world: World;
  readonly #heard = new Map<string, { readonly words: string; readonly at: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Store and channel of a session of this door; undefined where it is not certain. */
  async placeOf(door: Door, port: Port | undefined): Promise<Place | undefined> {
    const { greeted, store, channel } = door;
    if (greeted === undefined) return { store, channel };
    const words = port && (await this.#wordsOf(port));
    if (words === undefined) return undefined;
    return words.startsWith(greeted.by)
      ? { store: greeted.store, channel: greeted.channel }
      : { store, channel };
  }

  async #wordsOf({ local, localPort }: Port): Promise<string | undefined> {
    const key = `${local} ${localPort}`;
    const now = this.#world.monotonicMs();
    for (const [old, { at }] of this.#heard) if (now - at > keptMs) this.#heard.delete(old);
    const known = this.#heard.get(key);
    if (known) return known.words;
    const words = await greetingOf(local, localPort);
    if (words !== undefined) this.#heard.set(key, { words, at: now });
    return words;
  }
}
