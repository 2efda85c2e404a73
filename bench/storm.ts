/** Session checks at a steady rate while nothing else happens, and while logins take every core. */

import { onGround } from './parts/ground.ts';
import { checkRequest } from './parts/http.ts';
import { freshLogins } from './parts/login-load.ts';
import { rawHash } from './parts/raw-hash.ts';
import { fine, median, say, sayMachine, target } from './parts/report.ts';
import { runLoad } from './parts/run-load.ts';
import { seedAccounts, seedClient, seedSessions } from './parts/seed.ts';

const cost = Number(process.env.HASH_COST ?? 11);
const rounds = Number(process.env.ROUNDS ?? 5);
const seconds = Number(process.env.SECONDS ?? 10);
const rate = 200;
const sessions = 2000;

await onGround(false, async ({ sql, dataDir, serve }) => {
  const node = await serve(undefined, { HASH_COST: String(cost) });
  const key = await seedClient(sql, 'panel', ['authenticate', 'sessions']);
  await seedAccounts(sql, 'customer', sessions);
  const made = await seedSessions(sql, 'customer', sessions);
  const at = { host: node.host, port: node.port };
  const checks = {
    ...at,
    requests: made.map(({ token }) => checkRequest(key, token)),
    expect: '"active":true',
    connections: 8,
    seconds,
    warmupSeconds: 2,
    rate,
  };
  const probe = await rawHash(dataDir, cost, 16);
  const { perSecond: speed } = await probe.measure(2);
  const hashes = await rawHash(dataDir, cost, Math.ceil(speed * (seconds + 4) * 1.3));
  const logins = { ...at, expect: '"decision":"allow"', once: true, connections: 8 * hashes.threads };
  const idle: number[] = [];
  const storm: number[] = [];
  const perSecond: number[] = [];
  let shed = 0;
  await runLoad({ ...checks, seconds: 2 });
  for (let round = 0; round < rounds; round++) {
    idle.push((await runLoad(checks)).p99);
    const requests = await freshLogins(sql, key, hashes);
    // The storm rages before the first check is counted and after the last one.
    const [checked, judged] = await Promise.all([
      runLoad(checks),
      runLoad({ ...logins, requests, seconds: seconds + 2, warmupSeconds: 1 }),
    ]);
    if (checked.shed > 0) throw new Error(`${checked.shed} checks were not answered`);
    shed += judged.shed;
    storm.push(checked.p99);
    perSecond.push(judged.perSecond);
  }
  const ratio = median(storm.map((value, round) => value / (idle[round] ?? Number.NaN)));
  say(`storm: p99 of checks ${fine(ratio, 1)} x idle (${target(ratio <= 3, '<= 3')})`);
  say(
    `  p99 idle ${fine(median(idle), 1)} ms, in the storm ${fine(median(storm), 1)} ms; ${rate} checks/s beside ${fine(median(perSecond), 1)} logins/s of ${fine(speed, 1)} possible`,
  );
  say(`  ${shed} logins were told to come back later`);
  say(`  ${hashes.engine}, cost ${cost}, ${rounds} rounds of ${seconds} s, medians`);
  await sayMachine(sql);
});
