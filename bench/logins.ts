/** Logins end to end against the raw speed of the hash over all cores: same engine, cost, threads and niceness. */

import { cpuMs, databaseCpuMs, mainThreadMs, onGround } from './parts/ground.ts';
import { freshLogins } from './parts/login-load.ts';
import { rawHash } from './parts/raw-hash.ts';
import { fine, median, say, sayMachine, target } from './parts/report.ts';
import { runLoad } from './parts/run-load.ts';
import { seedClient } from './parts/seed.ts';

const cost = Number(process.env.HASH_COST ?? 11);
const rounds = Number(process.env.ROUNDS ?? 5);
const seconds = Number(process.env.SECONDS ?? 10);
/** A young service still compiles itself, on the cores that hash: what is measured is one that has been up for a minute. */
const firstWarmupSeconds = 60;
const warmupSeconds = 8;

await onGround(false, async (ground) => {
  const { sql, dataDir } = ground;
  const node = await ground.serve(undefined, { HASH_COST: String(cost) });
  const key = await seedClient(sql, 'panel', ['authenticate']);
  const probe = await rawHash(dataDir, cost, 16);
  const wanted = Math.ceil(
    (await probe.measure(2)).perSecond * (Math.max(seconds, firstWarmupSeconds) + warmupSeconds) * 1.3,
  );
  const hashes = await rawHash(dataDir, cost, wanted);
  const raw: number[] = [];
  const ends: number[] = [];
  const p50: number[] = [];
  let shed = 0;
  const load = async (requests: string[], span: { seconds: number; warmupSeconds: number }) => {
    const job = { host: node.host, port: node.port, requests, once: true, expect: '"decision":"allow"' };
    return runLoad({ ...job, ...span, connections: 4 * hashes.threads });
  };
  await load(await freshLogins(sql, key, hashes), { seconds: firstWarmupSeconds, warmupSeconds: 0 });
  const costs: { alone: number; hash: number; main: number; database: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const alone = await hashes.measure(seconds);
    raw.push(alone.perSecond);
    const requests = await freshLogins(sql, key, hashes);
    const before = { main: mainThreadMs(node.pid), database: databaseCpuMs(dataDir), all: cpuMs(node.pid) };
    const result = await load(requests, { seconds, warmupSeconds });
    const logins = result.perSecond * (seconds + warmupSeconds);
    ends.push(result.perSecond);
    p50.push(result.p50);
    shed += result.shed;
    const main = (mainThreadMs(node.pid) - before.main) / logins;
    const hash = (cpuMs(node.pid) - before.all) / logins - main;
    const database = (databaseCpuMs(dataDir) - before.database) / logins;
    costs.push({ alone: alone.cpuMs, hash, main, database });
  }
  const cpu = (part: 'alone' | 'hash' | 'main' | 'database') =>
    fine(median(costs.map((each) => each[part])), 1);
  const ratio = median(ends.map((value, round) => value / (raw[round] ?? Number.NaN)));
  say(`logins: ${fine(ratio)} of the raw hash speed (${target(ratio >= 0.9, '>= 0.9')})`);
  say(
    `  raw ${fine(median(raw), 1)}/s, logins ${fine(median(ends), 1)}/s, p50 ${fine(median(p50), 0)} ms with ${4 * hashes.threads} at once`,
  );
  const share = median(costs.map(({ alone, hash, main, database }) => alone / (hash + main + database)));
  say(`  by CPU time: ${fine(share)}; a hash alone takes ${cpu('alone')} ms`);
  say(
    `  CPU of a login: ${cpu('hash')} ms in the hash threads, ${cpu('main')} ms in the main thread, ${cpu('database')} ms in PostgreSQL`,
  );
  // Other work on the machine takes the hash threads' time, since they step back for it.
  if (shed > 0) say(`  ${shed} logins were told to come back later: the machine was not ours alone`);
  say(
    `  ${hashes.engine}, cost ${cost}, ${hashes.threads} threads, ${rounds} rounds of ${seconds} s, medians`,
  );
  await sayMachine(sql);
});
