/** The worker threads themselves. */
import { Piscina } from 'piscina';
import { log } from '../log.ts';
import { workerFile } from '../worker-file.ts';
import type { World } from '../world.ts';
import type { EngineWish, HashDone, HashJob, WorkerStart } from './job.ts';

/** Starts all threads at once; a thread that dies is replaced, and its job fails. */
export function openThreads(threads: number, engine: EngineWish, world: World): Piscina<HashJob, HashDone> {
  const start: WorkerStart = { engine, probe: world.random(24).toString('base64') };
  const pool = new Piscina<HashJob, HashDone>({
    filename: workerFile('hashing'),
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
