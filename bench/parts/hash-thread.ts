/** A thread that hashes and does nothing else: the raw speed, with the service's own engine at its niceness. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { chooseEngine } from '../../src/hashing/engine.ts';
import { cpuIn } from './cpu.ts';
import type { HashTask } from './raw-hash.ts';

if (process.platform === 'linux') setPriority(0, 10);
const { jobs, seconds }: HashTask = workerData;
const { engine } = chooseEngine('auto', 'both engines agree on this');
const texts: string[] = [];
let count = 0;
const usedBefore = cpuIn('/proc/thread-self/stat');
const began = performance.now();
while (seconds === undefined ? count < jobs.length : performance.now() - began < seconds * 1000) {
  const job = jobs[count % jobs.length];
  if (job === undefined) break;
  const text = engine.crypt(job.phrase, job.setting);
  if (seconds === undefined) texts.push(text);
  count += 1;
}
parentPort?.postMessage({
  engine: engine.name,
  texts,
  cpuMs: (cpuIn('/proc/thread-self/stat') - usedBefore) / count,
  perSecond: count / ((performance.now() - began) / 1000),
});
