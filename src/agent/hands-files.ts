/** The hands on the agent's own files: readable by root alone, never half-written. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { link, mkdtemp, open, rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/** Makes a directory that only its owner enters; an existing one keeps its mode. */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Writes whole or not at all, and is on the disk when it returns: a power cut must not forget a live session. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

export function fileNames(directory: string): string[] {
  return readdirSync(directory);
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

export function renameFile(from: string, to: string): void {
  renameSync(from, to);
}

/**
 * Makes a secret file (mode 0600) with that text, unless one is there. It appears whole, by a link: a crash or a full
 * disk leaves no empty key, and two starts at once see the same one.
 */
export async function makeSecretOnce(path: string, text: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  if (existsSync(path)) return;
  const drafts = await mkdtemp(`${path}.`);
  try {
    await writeWhole(`${drafts}/draft`, text);
    await link(`${drafts}/draft`, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(drafts, { recursive: true, force: true });
  }
}

/** Whether anybody but its owner may touch the file, or somebody else owns it. */
export function isExposed(path: string): boolean {
  const facts = statSync(path);
  return (facts.mode & 0o077) !== 0 || facts.uid !== process.getuid?.();
}

/**
 * Takes away a socket that nobody listens on any more: a program that was killed leaves its own behind. One that is
 * listened on stays, and so does anything that is no socket: whoever listens next is told that the address is taken.
 */
export async function removeDeadSocket(path: string): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const refused = await new Promise<boolean>((resolve) => {
    const knock = connect({ path });
    knock.once('connect', () => {
      knock.destroy();
      resolve(false);
    });
    knock.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'));
  });
  if (refused) rmSync(path);
}

/**
 * The first directory above a path that somebody else than root (or this user) could change: whoever can put a socket
 * of his own in its place is told the passwords. A sticky one, like /tmp, keeps what lies in it from others.
 */
export function changeableAbove(path: string): string | undefined {
  const directory = dirname(path);
  const { mode, uid } = statSync(directory);
  const sticky = (mode & 0o1000) !== 0;
  const ours = uid === 0 || uid === process.getuid?.();
  if (!ours || ((mode & 0o022) !== 0 && !sticky)) return directory;
  return directory === '/' ? undefined : changeableAbove(directory);
}

/** Takes a file, or a socket, from everybody but its owner. */
export function onlyOwn(path: string): void {
  chmodSync(path, 0o600);
}
