/** The hands on cgroup v2: one directory a session, which its processes cannot leave and the kernel empties at once. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFacts } from './cgroup-place.ts';
import { auditPeersOf, cgroupPathOf, isLive, killMember, treeOf } from './hands-processes.ts';
import { parseCgroupMount, parsePopulated } from './proc-text.ts';

/** What `cgroupPlace` needs to know of this host. */
export function hostFacts(configuredRoot: string | undefined): HostFacts {
  const mount = parseCgroupMount(readFileSync('/proc/mounts', 'utf8'));
  return { mount, agentPath: cgroupPathOf('self'), configuredRoot };
}

export function makeCgroup(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
}

/** Puts a process, with what it forks from now on, into the cgroup. Throws ESRCH when it is gone. */
export function moveInto(path: string, pid: number): void {
  writeFileSync(`${path}/cgroup.procs`, String(pid));
}

/** Pids in the cgroup and below it; none when it does not exist. */
export function membersOf(path: string): number[] {
  try {
    const own = readFileSync(`${path}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number);
    return [...own, ...childrenOf(path).flatMap(membersOf)];
  } catch {
    return [];
  }
}

function childrenOf(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${path}/${entry.name}`);
}

/**
 * The kernel's word on whether anything lives in there; the only proof there is, since a list misses what is forked
 * while it is read. A cgroup that does not exist is empty. Other errors throw: no reading, no proof.
 */
export function isPopulated(path: string): boolean {
  try {
    const populated = parsePopulated(readFileSync(`${path}/cgroup.events`, 'utf8'));
    if (populated === undefined) throw new Error(`${path}/cgroup.events says nothing of populated`);
    return populated;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENODEV')) return false;
    throw error;
  }
}

/** Kills all members at once, forks in flight included. Kernels before 5.14 have no `cgroup.kill`: frozen, nothing forks. */
export async function killCgroup(path: string): Promise<void> {
  try {
    writeFileSync(`${path}/cgroup.kill`, '1');
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENODEV', 'EACCES', 'EOPNOTSUPP')) throw error;
    if (isPopulated(path)) await killFrozen(path);
  }
}

/** Stops everything in the cgroup, so that nothing forks, and kills it there. */
export async function killFrozen(path: string): Promise<void> {
  writeFileSync(`${path}/cgroup.freeze`, '1');
  try {
    for (let tries = 0; tries < 50 && !/^frozen 1$/m.test(events(path)); tries++) await sleep(2);
    for (const pid of membersOf(path)) killMember(pid, pathInHierarchy(path));
  } finally {
    writeFileSync(`${path}/cgroup.freeze`, '0');
  }
}

function events(path: string): string {
  return readFileSync(`${path}/cgroup.events`, 'utf8');
}

/** A directory under the mount as the kernel names it in a process's cgroup file. */
export function pathInHierarchy(path: string): string {
  return path.slice(mountLength(path));
}

function mountLength(path: string): number {
  const mount = parseCgroupMount(readFileSync('/proc/mounts', 'utf8')) ?? '';
  return path.startsWith(`${mount}/`) ? mount.length : 0;
}

/** Removes an empty cgroup of our own, and any that its members made below. The kernel says EBUSY for a moment after the last death. */
export async function removeCgroup(path: string): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      for (const child of childrenOf(path)) await removeCgroup(child);
      rmdirSync(path);
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return true;
      await sleep(5 + tries * 5);
    }
  }
  return false;
}

function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}

/**
 * Moves a process with its whole tree, and with what shares its audit login, until a look finds nobody outside.
 * For sessions that were found running, and daemons that fork before they ask; sshd and most others are alone when they
 * are moved.
 */
export function moveTree(path: string, leader: { readonly pid: number; readonly start: string }): void {
  const within = pathInHierarchy(path);
  makeCgroup(path);
  for (let round = 0; round < 20 && isLive(leader); round++) {
    const outside = [...new Set([...treeOf(leader.pid), ...auditPeersOf(leader.pid)])].filter(
      (pid) => cgroupPathOf(pid) !== within,
    );
    if (outside.length === 0) return;
    for (const pid of outside) moveQuietly(path, pid);
  }
}

function moveQuietly(path: string, pid: number): void {
  try {
    moveInto(path, pid);
  } catch (error) {
    // Gone meanwhile, or a zombie, which cannot be moved and needs no ending.
    if (!isErrno(error, 'ESRCH', 'EINVAL')) throw error;
  }
}
