/** The worker threads themselves. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { log } from '../log.ts';
import type { World } from '../world.ts';
import type { EngineWish, HashDone, HashJob, WorkerStart } from './job.ts';

/**
 * The compiled worker. Threads of Node 20 cannot load TypeScript: a build has it beside this file, and whoever runs
 * from source (the tests) uses the one in `dist`, which `test/hashing/compile-worker.ts` makes anew for each run.
 */
function workerFile(): string {
  const fromSource = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(
    new URL(fromSource ? '../../dist/hashing/worker.js' : './worker.js', import.meta.url),
  );
  if (!existsSync(file)) throw new Error('the hash worker is not compiled; run `npm run build`');
  return file;
}

/** Starts all threads at once; a thread that dies is replaced, and its job fails. */
export function openThreads(threads: number, engine: EngineWish, world: World): Piscina<HashJob, HashDone> {
  const start: WorkerStart = { engine, probe: world.random(24).toString('base64') };
  const pool = new Piscina<HashJob, HashDone>({
    filename: workerFile(),
    minThreads: threads,
    maxThreads: threads,
    workerData: start,
    // Flags of the process, such as a test runner's loaders, are not the worker's.
    execArgv: [],
    // A stop does not wait longer than this for what is queued.
    closeTimeout: 5000,
  });
  pool.on('error', (error: unknown) => log.error({ err: error }, 'a hash thread failed'));
  return pool;
}
