import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadKeys } from '../../src/main/keys.ts';
import { systemWorld } from '../../src/world.ts';

const program = fileURLToPath(new URL('processes/load-keys.mjs', import.meta.url));
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = () => loadKeys(file, systemWorld);

/** Rewrites the ring as `change` says. */
function edit(
  change: (ring: { pepper: { id: string; key: string }[]; digest: { id: string; key: string } }) => void,
) {
  const ring = JSON.parse(readFileSync(file, 'utf8'));
  change(ring);
  writeFileSync(file, JSON.stringify(ring));
}

test('the first start makes a ring, owner-only; the next one reads it', () => {
  const first = load();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(first.pepper.current.key).toHaveLength(32);
  expect(first.digest).toHaveLength(32);
  expect(first.digest.equals(first.pepper.current.key)).toBe(false);
  const second = load();
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(second.pepper.byId(first.pepper.current.id)?.key.equals(first.pepper.current.key)).toBe(true);
  expect(second.pepper.byId('another')).toBeUndefined();
  expect(readdirSync(folder)).toEqual(['keys.json']);
});

test('sixteen processes that start at once agree on one ring', async () => {
  const at = String(Date.now() + 1500);
  const runs = Array.from({ length: 16 }, () => promisify(execFile)(process.execPath, [program, file, at]));
  const said = await Promise.all(runs);
  expect(new Set(said.map(({ stdout }) => stdout)).size).toBe(1);
  expect(readdirSync(folder)).toEqual(['keys.json']);
});

test('a ring that others may read is refused', () => {
  load();
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(file, mode);
    expect(load).toThrow(/others/);
  }
});

test('a new pepper becomes the current one, and the old one still serves: it is the same ring', () => {
  const before = load();
  edit((ring) => ring.pepper.push({ id: 'second', key: Buffer.alloc(32, 7).toString('base64') }));
  const after = load();
  expect(after.pepper.current.id).toBe('second');
  expect(after.pepper.byId(before.pepper.current.id)).toBeDefined();
  expect(after.fingerprint).toBe(before.fingerprint);
});

test('another key is another ring, under the same id too', () => {
  const before = load();
  edit((ring) => {
    ring.digest.key = Buffer.alloc(32, 7).toString('base64');
  });
  expect(load().fingerprint).not.toBe(before.fingerprint);
});

test('a damaged ring is refused, never replaced, and not quoted', () => {
  const short = Buffer.alloc(31, 7).toString('base64');
  const damages: (() => void)[] = [
    () => writeFileSync(file, ''),
    () => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 50)),
    () => edit((ring) => Object.assign(ring.digest, { key: short })),
    () => edit((ring) => ring.pepper.splice(0)),
    () => edit((ring) => ring.pepper.push(...ring.pepper)),
    () => edit((ring) => Object.assign(ring, { more: 1 })),
  ];
  for (const damage of damages) {
    rmSync(file, { force: true });
    load();
    const key = JSON.parse(readFileSync(file, 'utf8')).digest.key;
    damage();
    const damaged = readFileSync(file, 'utf8');
    expect(load).toThrow(/not a key ring/);
    expect(load).not.toThrow(key);
    expect(readFileSync(file, 'utf8')).toBe(damaged);
  }
});
