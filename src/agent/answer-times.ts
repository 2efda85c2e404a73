/**
 * How long the service lately took to refuse a password of this host. A throttled login is refused without judging;
 * sshd hands on only names that it knows, so a fast answer would tell that the name exists.
 */
import type { World } from '../world.ts';

const kept = 16;
const longestMs = 1_000;
/** Before anything was measured. */
const firstGuessMs = 250;

export class AnswerTimes {
  readonly #world: World;
  readonly #recent: number[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  learn(ms: number): void {
    this.#recent.push(Math.min(ms, longestMs));
    if (this.#recent.length > kept) this.#recent.shift();
  }

  /** One of the last times, by chance, in milliseconds: an average would stand out by never varying. */
  any(): number {
    const byte = this.#world.random(1)[0] ?? 0;
    return this.#recent[byte % Math.max(this.#recent.length, 1)] ?? firstGuessMs;
  }
}
