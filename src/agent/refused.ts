/** Processes that were refused a session: the same login must not get in a moment later as one that was found running. */
import type { ProcessRef } from '../protocol/agent.ts';
import { isLive } from './hands-processes.ts';

/** More than that at once is a flood; the oldest are then put before the service again, as anything found running. */
const most = 1_000;

export class Refused {
  readonly #held = new Map<string, ProcessRef>();

  add(process: ProcessRef): void {
    if (this.#held.size >= most) this.remaining();
    const [oldest] = this.#held.keys();
    if (this.#held.size >= most && oldest !== undefined) this.#held.delete(oldest);
    this.#held.set(keyOf(process), process);
  }

  /** It was let in after all: an FTP connection may try again. */
  remove(process: ProcessRef): void {
    this.#held.delete(keyOf(process));
  }

  has(process: ProcessRef): boolean {
    return this.#held.has(keyOf(process));
  }

  /** How many of them still live; the others are forgotten. */
  remaining(): number {
    for (const [key, process] of this.#held) if (!isLive(process)) this.#held.delete(key);
    return this.#held.size;
  }
}

export function keyOf(process: ProcessRef): string {
  return `${process.boot_id}:${process.pid}:${process.start}`;
}
