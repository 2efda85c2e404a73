import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Lanes } from '../../src/agent/lanes.ts';
import { Registry } from '../../src/agent/registry.ts';
import type { SessionEntry } from '../../src/agent/session-entry.ts';
import { removeDirectory, temporaryDirectory } from './support/processes.ts';

const lines: string[] = [];
const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
  lines.length = 0;
});
afterEach(() => removeDirectory(directory));

function entry(id: string): SessionEntry {
  return {
    id,
    login: 'alice',
    store: 'ssh',
    channel: 'ssh',
    process: { pid: 77, start: '123', boot_id: '00000000-0000-4000-8000-000000000000' },
    cgroup: { path: `/cg/${id}`, own: true },
    clocks: { idleMs: 1000, absoluteAt: 5 },
    lastActivityAt: 4,
    adopted: false,
    gone: null,
  };
}

test('sessions come back after a restart, each from a file for root alone', async () => {
  const first = Registry.load(directory, log);
  await first.put(entry('ses_a'));
  await first.put(entry('ses_b'));
  await first.put({ ...entry('ses_b'), gone: { at: 1, reason: 'idle', proved: true, detail: 'x' } });
  await first.put(entry('ses_c'));
  first.forget('ses_c');
  const second = Registry.load(directory, log);
  expect(second.all()).toEqual(first.all());
  expect(second.live().map(({ id }) => id)).toEqual(['ses_a']);
  expect(statSync(`${directory}/ses_a.json`).mode & 0o777).toBe(0o600);
});

test('a torn, foreign or hostile file is set aside and told, and the others are read', async () => {
  await Registry.load(directory, log).put(entry('ses_good'));
  const text = readFileSync(`${directory}/ses_good.json`, 'utf8');
  const bad = {
    'ses_torn.json': text.slice(0, 60),
    'ses_empty.json': '',
    'ses_noise.json': '\u0000\u0001[[[',
    'ses_other.json': text,
    'ses_path.json': text.replace('ses_good', '../../etc/x'),
    'ses_pid.json': text.replace('"pid":77', '"pid":-1').replace('ses_good', 'ses_pid'),
  };
  for (const [name, content] of Object.entries(bad)) writeFileSync(`${directory}/${name}`, content);
  writeFileSync(`${directory}/ses_good.json.new`, 'half a write');
  const registry = Registry.load(directory, log);
  expect(registry.all().map(({ id }) => id)).toEqual(['ses_good']);
  expect(lines).toHaveLength(Object.keys(bad).length);
  expect(readdirSync(directory).filter((name) => name.endsWith('.unreadable'))).toHaveLength(6);
});

test('an id that is a path is never a file name', async () => {
  const registry = Registry.load(directory, log);
  await expect(registry.put(entry('ses_../../x'))).rejects.toThrow();
  await expect(registry.put(entry('../x'))).rejects.toThrow();
});

test('one session is handled by one at a time, in order; others do not wait', async () => {
  const lanes = new Lanes();
  const done: string[] = [];
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = lanes.run('a', async () => {
    await held;
    done.push('a1');
    throw new Error('a failure does not block the lane');
  });
  const second = lanes.run('a', async () => done.push('a2'));
  await lanes.run('b', async () => done.push('b'));
  release();
  await expect(first).rejects.toThrow();
  await second;
  await lanes.idle();
  expect(done).toEqual(['b', 'a1', 'a2']);
});
