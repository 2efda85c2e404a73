/** Pauses between attempts: doubling, capped, and never the same for all agents, which would come back as one wave. */
export function backoffMs(failures: number, byte: number): number {
  const full = Math.min(200 * 2 ** Math.min(failures, 10), 10_000);
  return Math.round(full * (0.5 + byte / 512));
}
