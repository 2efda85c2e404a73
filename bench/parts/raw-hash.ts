/** Hashing over all cores: stored hashes to log in with, and the speed that no login can exceed. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { newHashes } from '../../src/domain/hashes/index.ts';
import { loadKeys } from '../../src/main/keys.ts';
import { systemWorld } from '../../src/world.ts';

interface Job {
  readonly phrase: Uint8Array;
  readonly setting: string;
}

export interface HashTask {
  readonly jobs: readonly Job[];
  /** Hashes the jobs over and over for so long; absent: each once. */
  readonly seconds?: number;
}

interface HashTold {
  readonly engine: string;
  readonly texts: readonly string[];
  readonly perSecond: number;
  /** CPU time of one hash. */
  readonly cpuMs: number;
}

export interface Login {
  readonly password: string;
  readonly hash: string;
}

export interface RawHash {
  readonly threads: number;
  readonly engine: string;
  readonly logins: readonly Login[];
  /** Verifications a second over all cores. */
  measure(seconds: number): Promise<{ readonly perSecond: number; readonly cpuMs: number }>;
}

async function onThread(task: HashTask): Promise<HashTold> {
  const worker = new Worker(new URL('./hash-thread.js', import.meta.url), { workerData: task });
  const [told]: HashTold[] = await once(worker, 'message');
  await worker.terminate();
  if (told === undefined) throw new Error('a hash thread said nothing');
  return told;
}

/** Makes `count` distinct passwords with their hashes under this data directory's keys. */
export async function rawHash(dataDir: string, cost: number, count: number): Promise<RawHash> {
  const keyring = loadKeys(`${dataDir}/keys.json`, systemWorld);
  const threads = availableParallelism();
  const made = Array.from({ length: count }, () => {
    const password = systemWorld.random(12).toString('base64url');
    return { password, ...newHashes.create(password, cost, systemWorld.random(16), keyring) };
  });
  const jobs = made.map(({ work }) => ({ phrase: Uint8Array.from(work.phrase), setting: work.setting }));
  const share = Math.ceil(count / threads);
  const told = await Promise.all(
    Array.from({ length: threads }, (_, n) => onThread({ jobs: jobs.slice(n * share, (n + 1) * share) })),
  );
  const texts = told.flatMap((each) => each.texts);
  return {
    threads,
    engine: told[0]?.engine ?? '',
    logins: made.map(({ password, stored }, n) => ({ password, hash: stored(texts[n] ?? '') })),
    measure: async (seconds) => {
      const all = await Promise.all(Array.from({ length: threads }, () => onThread({ jobs, seconds })));
      const sum = (of: (each: HashTold) => number) => all.reduce((total, each) => total + of(each), 0);
      return { perSecond: sum((each) => each.perSecond), cpuMs: sum((each) => each.cpuMs) / threads };
    },
  };
}
