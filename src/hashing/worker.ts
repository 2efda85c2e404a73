/** A thread of the pool. It sees phrases that are already keyed, never the pepper and never a stored hash. */
import { setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { hashSchemes } from '../domain/hashes/index.ts';
import { systemWorld } from '../world.ts';
import { openArgon2 } from './argon2.ts';
import { chooseEngine, computersWith } from './engine.ts';
import type { HashDone, HashJob, WorkerStart } from './job.ts';
import { performer } from './perform.ts';

// Linux counts niceness by thread: only this one steps back, and session checks stay fast in a login storm.
// Elsewhere the call would slow the whole process.
if (process.platform === 'linux') setPriority(0, 10);

const start: WorkerStart = workerData;
const { engine, fault } = chooseEngine(start.engine, start.probe);
const argon2 = openArgon2();
const computers = computersWith(engine.name, argon2 !== undefined);
const { monotonicMs } = systemWorld;
const perform = performer({ engine, argon2, schemes: hashSchemes, monotonicMs });

export default function hash(job: HashJob): HashDone {
  const begunAt = monotonicMs();
  const done = perform(job);
  const ms = monotonicMs() - begunAt;
  const told = { ...done, ms, engine: engine.name, computers };
  return fault === undefined ? told : { ...told, engineFault: fault };
}
