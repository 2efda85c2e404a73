/** Who was tried from where within a span: counted as it goes, so that a flood costs no more an observation than a drop. */

export interface Try {
  /** ms since 1970 */
  readonly at: number;
  readonly login: string;
  readonly place: string;
}

type Counts = Map<string, number>;

function bump(counts: Counts, key: string, by: 1 | -1): number {
  const next = (counts.get(key) ?? 0) + by;
  if (next <= 0) counts.delete(key);
  else counts.set(key, next);
  return next;
}

function first(keys: Iterable<string>, most: number): string[] {
  const found: string[] = [];
  for (const key of keys) {
    if (found.length === most) break;
    found.push(key);
  }
  return found;
}

/** A class, for there are thousands of them: methods made for each would be most of what they hold. */
export class Crowd {
  readonly #spanMs: number;
  readonly #most: number;
  /** Those before `#head` are over; those that were withdrawn are holes. */
  #queue: (Try | undefined)[] = [];
  #head = 0;
  #tries = 0;
  readonly #byLogin: Counts = new Map();
  readonly #byPlace: Counts = new Map();
  /** How many logins have so many tries, by that number. */
  readonly #loginsWith: number[] = [];

  /** @param most tries that are kept: beyond it the oldest are forgotten. */
  constructor(spanMs: number, most = 20_000) {
    this.#spanMs = spanMs;
    this.#most = most;
  }

  add(tried: Try): void {
    this.#queue.push(tried);
    this.#count(tried, 1);
    for (
      let oldest = this.#queue[this.#head];
      this.#head < this.#queue.length;
      oldest = this.#queue[this.#head]
    ) {
      const kept = this.#queue.length - this.#head <= this.#most;
      if (kept && oldest !== undefined && oldest.at > tried.at - this.#spanMs) break;
      this.#leave(this.#head);
      this.#head += 1;
    }
    if (this.#head > 1000 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }

  /**
   * The login came in from there, or was answered: what was tried before was its owner. Without a place: everywhere.
   * @returns how many tries that were.
   */
  withdraw(login: string, place?: string): number {
    if (!this.#byLogin.has(login)) return 0;
    const before = this.#tries;
    for (let i = this.#head; i < this.#queue.length; i++) {
      const each = this.#queue[i];
      if (each?.login === login && (place === undefined || each.place === place)) this.#leave(i);
    }
    return before - this.#tries;
  }

  get tries(): number {
    return this.#tries;
  }

  get logins(): number {
    return this.#byLogin.size;
  }

  get places(): number {
    return this.#byPlace.size;
  }

  /** The most tries at one login. */
  get mostTries(): number {
    return this.#loginsWith.findLastIndex((logins) => logins > 0);
  }

  /** ms between the first and the last. */
  get lastedMs(): number {
    const oldest = this.#queue.find((each) => each !== undefined);
    const newest = this.#queue.findLast((each) => each !== undefined);
    return (newest?.at ?? 0) - (oldest?.at ?? 0);
  }

  /** How many logins had from `least` to `most` tries. */
  within(least: number, most: number): number {
    return this.#loginsWith.slice(least, most + 1).reduce((sum, logins) => sum + (logins ?? 0), 0);
  }

  someLogins(most = 10): string[] {
    return first(this.#byLogin.keys(), most);
  }

  somePlaces(most = 10): string[] {
    return first(this.#byPlace.keys(), most);
  }

  #count(tried: Try, by: 1 | -1): void {
    this.#tries += by;
    bump(this.#byPlace, tried.place, by);
    const after = bump(this.#byLogin, tried.login, by);
    this.#loginsWith[after - by] = (this.#loginsWith[after - by] ?? 0) - 1;
    this.#loginsWith[after] = (this.#loginsWith[after] ?? 0) + 1;
    this.#loginsWith[0] = 0;
  }

  #leave(at: number): void {
    const tried = this.#queue[at];
    if (tried === undefined) return;
    this.#queue[at] = undefined;
    this.#count(tried, -1);
  }
}
