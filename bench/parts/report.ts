/** Figures for people: medians of rounds, ratios first, and the machine that they were taken on. */
import { cpus, loadavg } from 'node:os';
import type postgres from 'postgres';

/** Of numbers in ascending order. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const say = (line: string) => process.stdout.write(`${line}\n`);

export const whole = (value: number) => Math.round(value).toLocaleString('en');
export const fine = (value: number, digits = 2) => value.toFixed(digits);

/** `met`: whether the figure reaches what the product promises. It never changes the exit code. */
export const target = (met: boolean, wanted: string) => `${met ? 'meets' : 'MISSES'} ${wanted}`;

export async function sayMachine(sql: postgres.Sql): Promise<void> {
  const [row] = await sql<{ server_version: string; fsync: string }[]>`
    select current_setting('server_version') as server_version, current_setting('fsync') as fsync`;
  const cpu = cpus()[0]?.model.trim() ?? 'unknown';
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  say(
    `machine: ${cpus().length} cores (${cpu}), Node ${process.versions.node}, PostgreSQL ${row?.server_version} with fsync ${row?.fsync}; load average ${load}`,
  );
}
