/** Password hashing: only here, only in worker threads, and never more waiting than can be served in time. */
import { newHashes } from '../domain/hashes/index.ts';
import type { Computer, HashWork, PepperRing } from '../domain/hashes/scheme.ts';
import { log } from '../log.ts';
import { hashesComputed, hashQueue, hashSeconds } from '../metrics.ts';
import type { World } from '../world.ts';
import { type Admission, createAdmission } from './admission.ts';
import { type EngineName, type EngineWish, type HashDone, jobOf } from './job.ts';
import { type HashPurpose, type Judges, judgesOf } from './judges.ts';
import { openThreads } from './threads.ts';

export interface HashingOptions {
  /** Worker threads; as many as cores is right, since they run at low priority. */
  readonly threads: number;
  /** bcrypt cost of new hashes and of decoys. */
  readonly cost: number;
  readonly engine: EngineWish;
  readonly keyring: PepperRing;
  readonly world: World;
  /** A job that would wait longer than this is refused at once. */
  readonly maxWaitMs?: number;
}

/** `create`, `verify` and `decoy` throw `HashingBusy` (see `admission.ts`) before anything is computed. */
export interface Hashing extends Judges {
  create(password: string): Promise<{ readonly hash: string; readonly scheme: string }>;
  /** Estimated milliseconds that a job entering now would wait. */
  waitMs(): number;
  readonly engine: EngineName;
  /** Who computes here; hashes of other computers are unverifiable on this node. */
  readonly computers: readonly Computer[];
  /** Finishes what is queued, then ends the threads. */
  close(): Promise<void>;
}

/** Starts the threads, checks their engine, and makes the decoy hash. */
export async function createHashing(options: HashingOptions): Promise<Hashing> {
  const { threads, cost, keyring, world } = options;
  if (threads < 1) throw new RangeError('hashing needs at least one thread');
  const pool = openThreads(threads, options.engine, world);
  const admission = createAdmission(threads, options.maxWaitMs ?? 2000);
  const run = jobRunner(cost, admission, (work) => pool.run(jobOf(work, cost)));
  const create = async (password: string) => {
    const { work, stored } = newHashes.create(password, cost, world.random(16), keyring);
    const done = await run('create', work);
    if (!done.text.startsWith(work.setting)) throw new Error('the engine computes no new hashes');
    return { hash: stored(done.text), scheme: newHashes.name, done };
  };
  try {
    // One on each thread: all have then loaded their engine, and the price of a round is known under full load.
    const decoys = await Promise.all(
      Array.from({ length: threads }, () => create(world.random(24).toString('base64'))),
    );
    const engine = commonEngine(
      options.engine,
      decoys.map(({ done }) => done),
    );
    return {
      create: async (password) => {
        const { hash, scheme } = await create(password);
        return { hash, scheme };
      },
      ...judgesOf(run, { keyring, cost, decoyHash: decoys[0]?.hash ?? '' }),
      waitMs: admission.waitMs,
      engine,
      computers: decoys[0]?.done.computers ?? [],
      close: () => pool.close(),
    };
  } catch (error) {
    await pool.destroy();
    throw error;
  }
}

/** Admission before the queue, and the figures around each job. */
function jobRunner(
  cost: number,
  admission: Admission,
  compute: (work: HashWork) => Promise<HashDone>,
): (purpose: HashPurpose, work: HashWork) => Promise<HashDone> {
  return async (purpose, work) => {
    const rounds = Math.max(work.rounds, 2 ** cost);
    admission.enter(rounds);
    hashQueue.set(admission.waiting());
    let ms: number | undefined;
    try {
      const done = await compute(work);
      // By what it really took: the rounds of other schemes than bcrypt are guessed beforehand.
      ms = (done.ms / done.rounds) * rounds;
      hashesComputed.inc({ purpose });
      hashSeconds.observe(done.ms / 1000);
      return done;
    } finally {
      admission.leave(rounds, ms);
      hashQueue.set(admission.waiting());
    }
  };
}

/** The engine of the threads, told to the log when it is not the one wished for. */
function commonEngine(wish: EngineWish, done: readonly HashDone[]): EngineName {
  const fault = done.find(({ engineFault }) => engineFault !== undefined)?.engineFault;
  const engine = fault === undefined && wish !== 'bcryptjs' ? 'libcrypt' : 'bcryptjs';
  if (fault !== undefined) log.warn({ engine, wish, fault }, 'password hashing falls back to bcryptjs');
  else log.info({ engine }, 'password hashing');
  return engine;
}
