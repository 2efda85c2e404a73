import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pamKey } from '../../src/agent/pam-key.ts';
import { systemWorld } from '../../src/world.ts';
import { removeDirectory, temporaryDirectory } from './support/processes.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = temporaryDirectory();
  path = `${directory}/etc/pam.key`;
});
afterEach(() => removeDirectory(directory));

test('the key is never seen half-written: whoever starts at the same moment reads the same one', async () => {
  const keys = await Promise.all(Array.from({ length: 12 }, () => pamKey(path, systemWorld)));
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  expect(readFileSync(path, 'utf8')).toBe(`${keys[0]?.toString('hex')}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(`${directory}/etc`)).toEqual(['pam.key']);
});

test('a key that is there stays', async () => {
  mkdirSync(`${directory}/etc`);
  writeFileSync(path, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
  expect((await pamKey(path, systemWorld)).toString('hex')).toBe('ab'.repeat(32));
});

test.each([
  ['empty', '', 0o600],
  ['for others to read', `${'ab'.repeat(32)}\n`, 0o640],
])('one that is %s is refused', async (_, text, mode) => {
  mkdirSync(`${directory}/etc`);
  writeFileSync(path, text, { mode });
  await expect(pamKey(path, systemWorld)).rejects.toThrow(path);
});
