/**
 * How much of a message is read. Counted in bytes and pieces, never in time: the same message has the same verdict. What
 * is not said to be of one part is of the whole message, so that many parts cost no more than one.
 */

export const limits = {
  /** Of a raw message; what comes after is not looked at. */
  bytes: 25 * 1024 * 1024,
  /** Of visible and hidden text together, in UTF-16 units. */
  text: 1024 * 1024,
  /** Of one part's encoded body, and of all that are text. */
  body: 2 * 1024 * 1024,
  bodies: 4 * 1024 * 1024,
  /** Of the headers of a message, of one part, and of all messages and parts in it. */
  headers: 256 * 1024,
  partHeaders: 16 * 1024,
  allHeaders: 512 * 1024,
  parts: 200,
  depth: 10,
  /** Lines that look like a boundary at first sight. */
  boundaries: 50_000,
  /** Anchors count as well where they lead nowhere. */
  links: 2_000,
  forms: 50,
  /** Of text that nobody sees. */
  hidden: 100_000,
  /** Of HTML that is read for its text: tags are many more characters than words. */
  html: 1536 * 1024,
  /** Of text that is searched for addresses. */
  linked: 256 * 1024,
} as const;

export type Limit = keyof typeof limits;

/** What one message has left of each limit, and which of them were met. */
export class Cuts {
  readonly #met = new Set<Limit>();
  readonly #taken = new Map<Limit, number>();

  met(limit: Limit): void {
    this.#met.add(limit);
  }

  left(limit: Limit): number {
    return limits[limit] - (this.#taken.get(limit) ?? 0);
  }

  /** How many of them there are to be had. */
  take(limit: Limit, wanted: number): number {
    const granted = Math.min(wanted, this.left(limit));
    if (granted < wanted) this.met(limit);
    this.#taken.set(limit, (this.#taken.get(limit) ?? 0) + granted);
    return granted;
  }

  /** The beginning of it, as far as the limit goes. */
  fitting(limit: Limit, text: string): string {
    const granted = this.take(limit, text.length);
    return granted < text.length ? text.slice(0, granted) : text;
  }

  list(): readonly string[] {
    return [...this.#met].sort();
  }
}
