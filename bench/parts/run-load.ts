/** Has a load generator do its job. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadJob, LoadResult } from './load-job.ts';
import { startPart } from './processes.ts';

const program = fileURLToPath(new URL('./load.js', import.meta.url));

/** Throws when answers were wrong: a figure over refusals is none. */
export async function runLoad(job: LoadJob, cores?: string): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-load-'));
  const file = join(folder, 'job.json');
  writeFileSync(file, JSON.stringify(job), { mode: 0o600 });
  try {
    const part = await startPart(program, { cores, args: [file] });
    await part.stop();
    const result: LoadResult = JSON.parse(part.said);
    if (result.bad > 0)
      throw new Error(`${result.bad} of ${result.count} answers were wrong: ${result.firstBad}`);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
