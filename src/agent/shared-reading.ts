/** A reading of the whole host that many ask for at once: one in flight, however many wait. */
import { orAborted } from './deadline.ts';

export class SharedReading<T> {
  readonly #read: () => Promise<T>;
  #running: Promise<T> | undefined;
  /** Not begun: whoever came after the running one began shares it. */
  #next: Promise<T> | undefined;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** What was read no earlier than now; rejects with the signal's reason where that comes first. */
  take(signal: AbortSignal): Promise<T> {
    return signal.aborted ? Promise.reject(signal.reason) : orAborted(this.#join(), signal);
  }

  #join(): Promise<T> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#begin();
    const begin = () => {
      this.#next = undefined;
      return this.#begin();
    };
    this.#next = this.#running.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<T> {
    this.#running = this.#read().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }
}
