/** `gatehouse account import FILE`: reads the file, shows how far it is, says what became of it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Ctx } from '../actions/context.ts';
import { type ImportInput, importAccounts } from '../actions/import-accounts.ts';
import type { ImportReport } from '../protocol/imports.ts';
import { type Terminal, table, tell } from './output.ts';

export interface ImportOptions {
  /** A path, or `-` for standard input. */
  readonly file: string;
  readonly format: string;
  readonly store: ImportInput['store'];
  readonly dryRun: boolean;
  readonly overwrite: boolean;
  readonly resume: boolean;
}

/** A line that is written over and over, for a person who watches; absent where none does. */
export interface Bar {
  draw(text: string): void;
  clear(): void;
}

/** On standard error, and only on a terminal: a log of bars helps nobody. */
export const terminalBar = (): Bar | undefined =>
  process.stderr.isTTY
    ? {
        draw: (text) => void process.stderr.write(text),
        clear: () => void process.stderr.write('\r\x1b[2K'),
      }
    : undefined;

const chunkBytes = 256 * 1024;

async function fingerprintOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) hash.update(chunk);
  return hash.digest('hex');
}

async function sourceOf(file: string, input: AsyncIterable<Uint8Array>) {
  if (file === '-') return { bytes: input, size: undefined, fingerprint: undefined };
  const { size } = await stat(file);
  const fingerprint = await fingerprintOf(file);
  return { bytes: createReadStream(file, { highWaterMark: chunkBytes }), size, fingerprint };
}

const barWidth = 30;
const grouped = (value: number) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** `[######----]  43 %  430,000 lines  12,000/s` */
export function barText(
  seen: { lines: number; bytes: number },
  size: number | undefined,
  ms: number,
): string {
  const speed = ms > 0 ? `  ${grouped((seen.lines / ms) * 1000)}/s` : '';
  const lines = `${grouped(seen.lines)} lines${speed}`;
  if (size === undefined || size === 0) return lines;
  const share = Math.min(1, seen.bytes / size);
  const filled = Math.round(share * barWidth);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${percent} %  ${lines}`;
}

/** What became of a file, for a person. Refused rows were said as they came. */
export function reportLines(report: ImportReport): string[] {
  const { dry_run, created, overwritten, existing, locked, refused_count, accounts_created } = report;
  const done = dry_run ? 'would be' : 'were';
  const schemes = Object.entries(report.schemes).sort(([, a], [, b]) => b - a);
  return [
    `${grouped(report.lines)} lines: ${grouped(created)} logins ${done} created (${grouped(accounts_created)} accounts), ` +
      `${grouped(overwritten)} overwritten, ${grouped(existing)} were there already, ${grouped(refused_count)} refused, ` +
      `${grouped(locked)} locked`,
    ...table(schemes.map(([scheme, count]) => [`  ${scheme}`, grouped(count)])),
    ...report.weak.map(({ scheme, count, reason }) => `weak: ${grouped(count)} ${scheme}. ${reason}`),
    ...report.unverifiable.map(
      ({ scheme, count, reason }) => `cannot be verified here: ${grouped(count)} ${scheme}. ${reason}`,
    ),
    ...report.existing_rows.slice(0, 20).map(({ line, login }) => `line ${line}: ${login} is there already`),
    ...(existing > 20 ? [`… and ${grouped(existing - 20)} more that are there already`] : []),
    ...(existing > 0 && !report.overwrite
      ? ['Logins that are there are changed with --overwrite only.']
      : []),
    ...(dry_run ? ['Nothing was changed.'] : []),
  ];
}

/** `gatehouse account import FILE --format F --store S [--dry-run] [--overwrite] [--resume]` */
export async function accountImport(
  ctx: Ctx,
  terminal: Terminal,
  options: ImportOptions,
  io: { readonly input: AsyncIterable<Uint8Array>; readonly bar?: Bar | undefined },
): Promise<number> {
  const { file, format, store, dryRun, overwrite, resume } = options;
  const { bytes, size, fingerprint } = await sourceOf(file, io.input);
  const { monotonicMs } = ctx.house.world;
  const begunAt = monotonicMs();
  const watch: ImportInput['watch'] = (seen) => {
    io.bar?.clear();
    if (!terminal.json) for (const { line, reason } of seen.refused) terminal.err(`line ${line}: ${reason}`);
    io.bar?.draw(barText(seen, size, monotonicMs() - begunAt));
  };
  const known = fingerprint === undefined ? {} : { fingerprint };
  const input = { format, store, dryRun, overwrite, resume, bytes, watch, ...known };
  try {
    return tell(terminal, await importAccounts(ctx, input), reportLines);
  } catch (error) {
    const again = 'The import broke off; what was done is kept. Go on with the same command and --resume.';
    if (!dryRun && fingerprint !== undefined) terminal.err(again);
    throw error;
  } finally {
    io.bar?.clear();
  }
}
