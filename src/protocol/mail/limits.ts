/** How much of a message is read. Counted in bytes and pieces, never in time: the same message has the same verdict. */

export const limits = {
  /** Of a raw message; what comes after is not looked at. */
  bytes: 25 * 1024 * 1024,
  /** Of visible and hidden text together, in UTF-16 units. */
  text: 1024 * 1024,
  /** Of one part's encoded body. */
  body: 2 * 1024 * 1024,
  /** Of the headers of the message, and of one part. */
  headers: 256 * 1024,
  partHeaders: 16 * 1024,
  parts: 200,
  depth: 10,
  /** Lines that look like a boundary at first sight. */
  boundaries: 50_000,
  links: 2_000,
  /** Of HTML that is read for its text: tags are many more characters than words. */
  html: 1536 * 1024,
  /** Of plain text that is searched for addresses. */
  linked: 256 * 1024,
} as const;

/** Which limits were met, each once. */
export class Cuts {
  readonly #met = new Set<string>();

  met(limit: string): void {
    this.#met.add(limit);
  }

  list(): readonly string[] {
    return [...this.#met].sort();
  }
}
