/** One at a time, in the order of arrival; whoever would wait for long is told at once, or when it has become so. */

interface Waiter {
  readonly settle: (mayBegin: boolean) => void;
  readonly timer: NodeJS.Timeout;
}

export class Turns {
  readonly #most: number;
  readonly #withinMs: number;
  readonly #queue: Waiter[] = [];
  #taken = false;

  constructor(most: number, withinMs: number) {
    this.#most = most;
    this.#withinMs = withinMs;
  }

  /** True when it is the caller's turn, who then must `leave`; false when too many wait, or after too long. */
  enter(): Promise<boolean> {
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve(true);
    }
    if (this.#queue.length >= this.#most) return Promise.resolve(false);
    return new Promise((settle) => {
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        settle(false);
      }, this.#withinMs);
      const waiter = { settle, timer };
      this.#queue.push(waiter);
    });
  }

  leave(): void {
    const next = this.#queue.shift();
    clearTimeout(next?.timer);
    this.#taken = next !== undefined;
    next?.settle(true);
  }
}
