/** The rows of a file, judged and gathered: as many at a time as one transaction takes. */
import { type GoodRow, judgeRow } from '../../domain/imports/judge-row.ts';
import { cutLines, type Line } from '../../domain/imports/lines.ts';
import type { ImportFormat, LineReader } from '../../domain/imports/row.ts';

export interface NumberedRow {
  readonly line: number;
  readonly row: GoodRow;
}

export interface RefusedRow {
  readonly line: number;
  readonly login?: string;
  readonly reason: string;
}

export interface Batch {
  /** No login twice: the second one comes with a later batch, and finds the first. */
  readonly rows: readonly NumberedRow[];
  readonly refused: readonly RefusedRow[];
  readonly ignored: number;
  readonly lastLine: number;
  /** Bytes read of the file so far. */
  readonly bytes: number;
}

const mostRows = 1000;
const mostLines = 5000;

type Judged = { readonly row: GoodRow } | { readonly refused: string } | { readonly ignored: true };

function judgeLine(line: Line, read: LineReader, today: number): Judged {
  if ('refused' in line) return line;
  const parsed = read(line.text);
  if (!('row' in parsed)) return parsed;
  const judged = judgeRow(parsed.row, today);
  return 'refused' in judged ? judged : { row: judged };
}

/** One batch that is being gathered. */
function gathering() {
  const rows: NumberedRow[] = [];
  const refused: RefusedRow[] = [];
  const logins = new Set<string>();
  let ignored = 0;
  return {
    has: (login: string) => logins.has(login),
    full: () => rows.length >= mostRows || refused.length + ignored >= mostLines,
    take(line: number, judged: Judged) {
      if ('ignored' in judged) ignored += 1;
      else if ('refused' in judged) refused.push({ line, reason: judged.refused });
      else {
        rows.push({ line, row: judged.row });
        logins.add(judged.row.login);
      }
    },
    close: (lastLine: number, bytes: number): Batch => ({ rows, refused, ignored, lastLine, bytes }),
  };
}

/** Holds one batch, and never more of the file than that. Lines up to `after` are read over: they were done before. */
export async function* batchesOf(
  bytes: AsyncIterable<Uint8Array>,
  format: ImportFormat,
  at: { readonly after: number; readonly today: number },
): AsyncGenerator<Batch> {
  const read = format.open();
  const cutter = cutLines();
  let batch = gathering();
  let lastLine = 0;
  let bytesRead = 0;

  function* put(lines: readonly Line[]): Generator<Batch> {
    for (const line of lines) {
      if (line.number <= at.after) {
        // A heading is still to be read.
        if ('text' in line) read(line.text);
        continue;
      }
      const judged = judgeLine(line, read, at.today);
      if (batch.full() || ('row' in judged && batch.has(judged.row.login))) {
        yield batch.close(lastLine, bytesRead);
        batch = gathering();
      }
      batch.take(line.number, judged);
      lastLine = line.number;
    }
  }

  for await (const chunk of bytes) {
    bytesRead += chunk.length;
    yield* put(cutter.push(chunk));
  }
  yield* put(cutter.end());
  if (lastLine > 0) yield batch.close(lastLine, bytesRead);
}
