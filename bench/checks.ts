/** Session checks: Gatehouse against the bare floor, against one query per check, and against better-auth. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuMs, type Ground, type Node, onGround } from './parts/ground.ts';
import { checkRequest, openConnection, rawRequest } from './parts/http.ts';
import { root } from './parts/processes.ts';
import { fine, median, say, sayMachine, target, whole } from './parts/report.ts';
import { runLoad } from './parts/run-load.ts';
import { seedAccounts, seedClient, seedSessions } from './parts/seed.ts';

const sessions = 5000;
const rounds = Number(process.env.ROUNDS ?? 5);
const seconds = Number(process.env.SECONDS ?? 4);
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

interface Contender {
  readonly name: string;
  readonly node: Node;
  readonly requests: readonly string[];
  readonly expect: string;
}

interface Figures {
  readonly perSecond: number[];
  readonly cpuMicros: number[];
  readonly p99: number[];
}

async function contenders(ground: Ground): Promise<Contender[]> {
  const { sql, split } = ground;
  const gatehouse = await ground.serve(split?.server);
  const key = await seedClient(sql, 'panel', ['sessions']);
  await seedAccounts(sql, 'customer', sessions);
  const made = await seedSessions(sql, 'customer', sessions);
  const requests = made.map(({ token }) => checkRequest(key, token));
  const connection = await openConnection(gatehouse.host, gatehouse.port);
  const { body } = await connection.ask(requests[0] ?? '');
  connection.close();
  const floor = await ground.start(here('./rivals/floor.js'), split?.server, [body]);
  const single = await ground.start(here('./rivals/one-query-per-check.js'), split?.server);
  const cookieFile = join(ground.dataDir, 'cookies.json');
  const rival = await ground.start(join(root, 'bench/rivals/better-auth.mjs'), split?.server, [
    String(sessions),
    cookieFile,
  ]);
  const cookies: string[] = JSON.parse(readFileSync(cookieFile, 'utf8'));
  await sql`vacuum analyze`;
  const expect = '"active":true';
  return [
    { name: 'gatehouse', node: gatehouse, requests, expect },
    { name: 'bare Hono', node: floor, requests, expect },
    { name: 'one query per check', node: single, requests, expect },
    {
      name: 'better-auth',
      node: rival,
      requests: cookies.map((cookie) => rawRequest('GET', '/api/auth/get-session', { cookie })),
      expect: '"session":{',
    },
  ];
}

/** One after the other, round after round: what the machine does meanwhile meets all of them. */
async function measure(all: readonly Contender[], figures: Map<string, Figures>): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    for (const { name, node, requests, expect } of all) {
      const before = cpuMs(node.pid);
      const job = { host: node.host, port: node.port, requests, expect, connections: 64 };
      const result = await runLoad({ ...job, seconds: round === 0 ? 1 : seconds, warmupSeconds: 1 });
      // The first round warms up compilers and caches.
      if (round === 0) continue;
      const of = figures.get(name) ?? { perSecond: [], cpuMicros: [], p99: [] };
      of.perSecond.push(result.perSecond);
      of.cpuMicros.push(((cpuMs(node.pid) - before) * 1000) / (result.perSecond * (seconds + 1)));
      of.p99.push(result.p99);
      figures.set(name, of);
    }
  }
}

await onGround(true, async (ground) => {
  const figures = new Map<string, Figures>();
  await measure(await contenders(ground), figures);
  const ours = figures.get('gatehouse')?.perSecond ?? [];
  /** The median of the rounds' own ratios: both sides of each were taken within seconds of each other. */
  const against = (name: string) =>
    median(ours.map((value, round) => value / (figures.get(name)?.perSecond[round] ?? Number.NaN)));
  const [floor, single, rival] = [
    against('bare Hono'),
    against('one query per check'),
    against('better-auth'),
  ];
  say(`checks: ${fine(floor)} of the bare Hono floor (${target(floor >= 0.45, '>= 0.45')})`);
  say(`checks: ${fine(single)} x one query per check`);
  say(`checks: ${fine(rival, 1)} x better-auth's get-session (${target(rival >= 20, '>= 20')})`);
  const cpu = (name: string) =>
    median(figures.get(name)?.cpuMicros ?? []) / median(figures.get('gatehouse')?.cpuMicros ?? []);
  say(
    `  by the server's CPU time: ${fine(cpu('bare Hono'))} of the floor, ${fine(cpu('one query per check'))} x one query per check, ${fine(cpu('better-auth'), 1)} x better-auth`,
  );
  for (const [name, { perSecond, cpuMicros, p99 }] of figures) {
    say(
      `  ${name}: ${whole(median(perSecond))}/s, ${whole(median(cpuMicros))} µs of server CPU each, p99 ${fine(median(p99), 1)} ms`,
    );
  }
  say(`  ${sessions} live sessions, 64 connections, ${rounds} rounds of ${seconds} s each, medians`);
  await sayMachine(ground.sql);
});
