/** Notices sessions that ended by themselves: daemons' own words about it come late, early or never. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Ending } from './ending.ts';
import type { Registry } from './registry.ts';

const everyMs = 1_000;
/** 5000 looks at once would hold the event loop for a fifth of a second. */
const batch = 50;

export class Watch {
  readonly #parts: { readonly ending: Ending; readonly log: Log; readonly registry: Registry };
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: { readonly ending: Ending; readonly log: Log; readonly registry: Registry }) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.lookAtAll()
        .catch((error: unknown) => this.#parts.log.error({ error: String(error) }, 'watching failed'))
        .then(() => {
          if (!this.#stopped) this.start();
        });
    }, everyMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async lookAtAll(): Promise<void> {
    for (const [index, entry] of this.#parts.registry.live().entries()) {
      if (index % batch === batch - 1) await breathe();
      await this.#parts.ending.noticeEnd(entry.id);
    }
  }

  /** A daemon says that the session is closing: its processes are given a moment, then looked at. */
  lookSoonAt(id: string): void {
    for (const ms of [100, 400]) setTimeout(() => void this.#look(id), ms).unref();
  }

  async #look(id: string): Promise<void> {
    if (this.#stopped) return;
    await this.#parts.ending
      .noticeEnd(id)
      .catch((error: unknown) => this.#parts.log.error({ error: String(error) }, 'watching failed'));
  }
}
