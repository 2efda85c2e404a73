/** So many at once; others wait in the order in which they came, each as long as its signal lets it. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(size: number) {
    this.#free = size;
  }

  /** Resolves to what gives the slot back, which does so once. @throws the signal's reason */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    let held = true;
    return () => {
      if (held) this.#leave();
      held = false;
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void) => {
        this.#waiting.delete(called);
        signal.removeEventListener('abort', gone);
        how();
      };
      const called = () => settle(resolve);
      const gone = () => settle(() => reject(signal.reason));
      this.#waiting.add(called);
      signal.addEventListener('abort', gone, { once: true });
    });
  }

  /** A slot goes straight to the next: nobody who comes in between can take it. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#free++;
  }
}
