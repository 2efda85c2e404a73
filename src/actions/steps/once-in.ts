/**
 * What strangers can repeat at will is told once in a span for each name. Kept in this process, so each node tells it
 * once and a restart once more; where names are many, the oldest is forgotten and may be told again.
 */
export class OnceIn {
  readonly #spanMs: number;
  readonly #most: number;
  /** In order of telling. */
  readonly #toldAt = new Map<string, number>();

  constructor(spanMs: number, most: number) {
    this.#spanMs = spanMs;
    this.#most = most;
  }

  /** Whether it is to be told now; of many at once, one is told so. */
  claim(name: string, nowMs: number): boolean {
    const before = this.#toldAt.get(name);
    if (before !== undefined && nowMs - before < this.#spanMs) return false;
    this.#toldAt.delete(name);
    const [oldest] = this.#toldAt.keys();
    if (oldest !== undefined && this.#toldAt.size >= this.#most) this.#toldAt.delete(oldest);
    this.#toldAt.set(name, nowMs);
    return true;
  }

  /** It could not be told. */
  release(name: string): void {
    this.#toldAt.delete(name);
  }
}
