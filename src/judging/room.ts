/** Bytes that may be held at once. */
export class Room {
  readonly #bytes: number;
  #held = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Takes room for so many; what is returned gives it back, once. Undefined where there is none. */
  take(bytes: number): (() => void) | undefined {
    if (this.#held + bytes > this.#bytes) return undefined;
    this.#held += bytes;
    let isHeld = true;
    return () => {
      if (isHeld) this.#held -= bytes;
      isHeld = false;
    };
  }
}
