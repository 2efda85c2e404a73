/** A thread of the pool. It sees phrases that are already keyed, never the pepper and never a stored hash. */
import { setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { hashSchemes } from '../domain/hashes/index.ts';
import { systemWorld } from '../world.ts';
import { chooseEngine } from './engine.ts';
import type { HashDone, HashJob, WorkerStart } from './job.ts';
import { perform } from './perform.ts';

// Linux counts niceness by thread: only this one steps back, and session checks stay fast in a login storm.
// Elsewhere the call would slow the whole process.
if (process.platform === 'linux') setPriority(0, 10);

const start: WorkerStart = workerData;
const { engine, fault } = chooseEngine(start.engine, start.probe);

export default function hash(job: HashJob): HashDone {
  const begunAt = systemWorld.monotonicMs();
  const done = perform(job, engine, hashSchemes);
  const ms = systemWorld.monotonicMs() - begunAt;
  const told = { ...done, ms, engine: engine.name };
  return fault === undefined ? told : { ...told, engineFault: fault };
}
