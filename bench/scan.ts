/**
 * How fast messages are judged on one core, with parsing, redaction and sketch, and how long the worst of them take. The bytes are made
 * here, by a seeded generator; with the development messages at hand those are timed too.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { judgementOf } from '../src/domain/judgement.ts';
import { sketchSeeds } from '../src/domain/sketch.ts';
import { nobodyKnown } from '../src/domain/verdict.ts';
import { readMail } from '../src/protocol/mail/read-mail.ts';
import { hostile, ordinary } from './scan-messages.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const folder = process.env.PASSWORD_REQUESTS ?? join(root, 'bench', 'data', 'password-requests');
const say = (line: string) => void process.stdout.write(`${line}\n`);
const met = (yes: boolean) => (yes ? 'met' : 'MISSED');

const seeds = sketchSeeds(Buffer.alloc(32, 1));

/** Milliseconds of CPU, so that whatever else runs on the machine does not count. */
function timed(raw: Buffer): number {
  const before = process.cpuUsage();
  judgementOf(readMail(raw), nobodyKnown, {}, seeds);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function throughput(name: string, messages: readonly Buffer[]): void {
  for (const raw of messages.slice(0, 300)) timed(raw);
  const times = messages.map(timed).sort((a, b) => a - b);
  const total = times.reduce((sum, each) => sum + each, 0);
  const [rate, p99] = [(1000 * messages.length) / total, times[Math.floor(times.length * 0.99)] ?? 0];
  const size = messages.reduce((sum, { length }) => sum + length, 0) / messages.length / 1024;
  say(
    `${name}: ${messages.length} messages of ${size.toFixed(1)} KB: ${rate.toFixed(0)}/s (wanted 500: ${met(rate >= 500)}), ` +
      `p50 ${(times[times.length >> 1] ?? 0).toFixed(2)} ms, p99 ${p99.toFixed(1)} ms (wanted 20: ${met(p99 <= 20)}), max ${(times.at(-1) ?? 0).toFixed(1)} ms`,
  );
}

throughput('generated', ordinary(3000));
const file = join(folder, 'messages.jsonl.gz');
if (existsSync(file)) {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  const mails = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as { raw?: string });
  throughput(
    'development mails',
    mails.flatMap(({ raw }) => (raw === undefined ? [] : [Buffer.from(raw)])),
  );
} else say('development mails: skipped, not here');

say('\nhostile                        MB      CPU ms');
let worst = 0;
for (const [name, raw] of hostile()) {
  const times = [timed(raw), timed(raw), timed(raw)].sort((a, b) => a - b);
  const time = times[1] ?? 0;
  worst = Math.max(worst, time);
  say(`${name.padEnd(28)} ${(raw.length / 1e6).toFixed(1).padStart(5)} ${time.toFixed(0).padStart(10)}`);
}
say(`slowest: ${worst.toFixed(0)} ms (wanted 250: ${met(worst <= 250)})`);
