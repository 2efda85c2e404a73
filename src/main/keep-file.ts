/** Files that are made once and kept: keys and passwords, readable by their owner alone. */
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { World } from '../world.ts';

/**
 * The text of `file`; when there is none yet, `make()` is written first. However many processes come at once, all get
 * the same text: each writes its own beside it, whole and synced, and the first `link` wins.
 * @throws when others than the owner may read the file, or when it is another user's.
 */
export function keepFile(file: string, world: World, make: () => string): string {
  const kept = readKept(file);
  if (kept !== undefined) return kept;
  const aside = `${file}.${world.random(6).toString('hex')}`;
  try {
    writeSynced(aside, make());
    linkSync(aside, file);
    syncFolder(dirname(file));
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
  const made = readKept(file);
  if (made === undefined) throw new Error(`${file} vanished while it was made`);
  return made;
}

/** The text of `file`, checked as above; undefined when there is none. */
export function readKept(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if ((stat.mode & 0o077) !== 0) {
    throw new Error(`${file} may be read by others than its owner: chmod 600 it, and replace what it holds`);
  }
  const self = process.getuid?.();
  if (self !== undefined && self !== 0 && stat.uid !== self)
    throw new Error(`${file} belongs to another user`);
  return readFileSync(file, 'utf8');
}

function writeSynced(file: string, text: string): void {
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
