/** How much of something is usual: by the hour, over the day before. */

const hourMs = 3_600_000;
const hoursKept = 24;

export interface Usual {
  add(at: number): void;
  /** It was nothing after all. */
  takeBack(at: number): void;
  /** The median of the full hours before, as far as they were seen: an attack that lasts for some of them moves it little. */
  perHour(at: number): number;
}

export function usualRate(): Usual {
  const counts = new Map<number, number>();
  let firstHour: number | undefined;
  const bump = (at: number, by: number) => {
    const hour = Math.floor(at / hourMs);
    firstHour = Math.min(firstHour ?? hour, hour);
    counts.set(hour, Math.max(0, (counts.get(hour) ?? 0) + by));
    for (const old of counts.keys()) if (old < hour - hoursKept) counts.delete(old);
  };
  return {
    add: (at) => bump(at, 1),
    takeBack: (at) => bump(at, -1),
    perHour(at) {
      const now = Math.floor(at / hourMs);
      const from = Math.max(firstHour ?? now, now - hoursKept);
      const seen: number[] = [];
      for (let hour = from; hour < now; hour++) seen.push(counts.get(hour) ?? 0);
      seen.sort((a, b) => a - b);
      return seen[Math.floor(seen.length / 2)] ?? 0;
    },
  };
}
