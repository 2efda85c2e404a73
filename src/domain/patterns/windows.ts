/** Sliding windows by key, within bounded memory: what is too old, or too much, is forgotten, the longest unused first. */

export interface Timed {
  /** ms since 1970 */
  readonly at: number;
}

export interface Windows<Entry extends Timed> {
  /** Adds it, and answers what the window of that key holds now, oldest first. */
  add(key: string, entry: Entry): readonly Entry[];
  /** What the window of that key holds at a time. */
  of(key: string, at: number): readonly Entry[];
  forget(key: string): void;
  /** Keys that are held. */
  size(): number;
}

interface Caps {
  readonly keys?: number;
  readonly entries?: number;
}

export function windowsOf<Entry extends Timed>(
  spanMs: number,
  { keys = 20_000, entries = 200 }: Caps = {},
): Windows<Entry> {
  const held = new Map<string, Entry[]>();
  const current = (list: readonly Entry[], at: number) => list.filter((each) => each.at > at - spanMs);
  return {
    add(key, entry) {
      const before = held.get(key) ?? [];
      // Rows that were committed late come late: they take their place all the same.
      const list = [...before, entry];
      if ((before.at(-1)?.at ?? 0) > entry.at) list.sort((a, b) => a.at - b.at);
      const now = current(list, list.at(-1)?.at ?? entry.at).slice(-entries);
      held.delete(key);
      held.set(key, now);
      dropOldest(held, keys);
      return now;
    },
    of: (key, at) => current(held.get(key) ?? [], at),
    forget: (key) => void held.delete(key),
    size: () => held.size,
  };
}

/**
 * Keeps the `most` that were set last, and for a while a tenth more: dropping them one by one would go over the holes
 * that the others left, each time.
 */
export function dropOldest(held: Map<string, unknown>, most: number): void {
  if (held.size <= most * 1.1) return;
  for (const key of held.keys()) {
    if (held.size <= most) return;
    held.delete(key);
  }
}
