/** The load generator: a process of its own, told its job in a file, answering with one line of JSON. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, openConnection } from './http.ts';
import type { LoadJob, LoadResult } from './load-job.ts';
import { quantile } from './report.ts';

const job: LoadJob = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const times: number[] = [];
let bad = 0;
let shed = 0;
let firstBad: string | undefined;
let next = 0;

const began = performance.now();
const countFrom = began + job.warmupSeconds * 1000;
const until = countFrom + job.seconds * 1000;

function take(): string | undefined {
  if (job.once === true && next >= job.requests.length) return undefined;
  return job.requests[next++ % job.requests.length];
}

/** `from`: when it should have been sent. Late sending is the generator's fault, waiting in line is not. */
async function send(connection: Connection, request: string, from: number): Promise<void> {
  const answer = await connection
    .ask(request)
    .catch((error: unknown) => ({ status: 0, body: String(error) }));
  const at = performance.now();
  if (answer.status === 503) {
    // Shed, and told when to come back: neither an answer nor wrong.
    shed += 1;
    await sleep(1000);
    return;
  }
  if (from < countFrom || at > until) return;
  times.push(at - from);
  if (answer.status === 200 && answer.body.includes(job.expect)) return;
  bad += 1;
  firstBad ??= `${answer.status} ${answer.body.slice(0, 300)}`;
}

async function closedLoop(connection: Connection): Promise<void> {
  for (let now = began; now < until; now = performance.now()) {
    const request = take();
    if (request === undefined) return;
    await send(connection, request, performance.now());
  }
}

/** Open loop: a slow answer does not spare the server the next request. */
async function atRate(connections: Connection[], rate: number): Promise<void> {
  const idle = [...connections];
  const open: Promise<void>[] = [];
  for (let sent = 0; ; sent++) {
    const due = performance.now() > began ? began + (sent * 1000) / rate : began;
    if (due > until) break;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    const connection = idle.pop() ?? (await openConnection(job.host, job.port));
    const request = take();
    if (request === undefined) break;
    open.push(send(connection, request, performance.now()).then(() => void idle.push(connection)));
  }
  await Promise.all(open);
}

const connections = await Promise.all(
  Array.from({ length: job.connections }, () => openConnection(job.host, job.port)),
);
if (job.rate === undefined) await Promise.all(connections.map(closedLoop));
else await atRate(connections, job.rate);
const spanMs = Math.min(performance.now(), until) - countFrom;
times.sort((a, b) => a - b);
const result: LoadResult = {
  perSecond: (times.length - bad) / (spanMs / 1000),
  count: times.length,
  bad,
  shed,
  firstBad,
  p50: quantile(times, 0.5),
  p95: quantile(times, 0.95),
  p99: quantile(times, 0.99),
  max: times.at(-1) ?? 0,
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
