/** The hands that read and signal processes. Reads are synchronous: nothing may happen between a check and a signal. */
import { readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ProcessRow } from './doors/index.ts';
import { type ProcessStat, parseCgroupPath, parseStat, parseUids, ptsNumber } from './proc-text.ts';

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process went away, which is an answer.
    return undefined;
  }
}

/** The agent's own pid. */
export const agentPid = process.pid;

/** This boot's id: start times of another boot mean nothing. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

export function statOf(pid: number): ProcessStat | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** Whether that very process lives: same pid and start time, and not a corpse that nobody collected. */
export function isLive(process: { readonly pid: number; readonly start: string }): boolean {
  const stat = statOf(process.pid);
  return stat !== undefined && stat.start === process.start && stat.state !== 'Z' && stat.state !== 'X';
}

/** Sends the signal only if the pid still is that process; says whether it was sent. */
export function signalProcess(
  target: { readonly pid: number; readonly start: string },
  signal: 'SIGTERM' | 'SIGKILL',
): boolean {
  return isLive(target) && send(target.pid, signal);
}

/** Kills a member only if it still is one: in the moments since the listing its pid may have become a stranger's. */
export function killMember(pid: number, cgroupPath: string): boolean {
  const path = cgroupPathOf(pid);
  const inside = path === cgroupPath || path?.startsWith(`${cgroupPath}/`);
  return inside === true && send(pid, 'SIGKILL');
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  // 0 and negative numbers would mean whole groups, 1 the system.
  if (!Number.isSafeInteger(pid) || pid < 2 || pid === process.pid) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** The path in the v2 hierarchy; `self` is the agent's own. */
export function cgroupPathOf(pid: number | 'self'): string | undefined {
  const text = read(`/proc/${pid}/cgroup`);
  return text === undefined ? undefined : parseCgroupPath(text);
}

/** Real, effective, saved and file-system uid; none of a process that went away. */
export function uidsOf(pid: number): readonly number[] {
  return parseUids(read(`/proc/${pid}/status`) ?? '');
}

export function titleOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`)?.split('\0')[0] ?? '';
}

/** Audit session id of the login that a process descends from; undefined where none was set. */
export function auditSessionOf(pid: number | 'self'): string | undefined {
  const id = read(`/proc/${pid}/sessionid`)?.trim();
  return id === undefined || id === '' || id === '4294967295' ? undefined : id;
}

export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The process and everything below it by parenthood. What was left by its parents is out of this reach. */
export function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const child of allPids()) {
    const stat = statOf(child);
    if (!stat || stat.state === 'Z') continue;
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), child]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

/**
 * Processes that the kernel counts to the same login. Only where that login is the session's own (pam_loginuid in its
 * stack): a daemon started from an operator's shell hands that shell's number down to all its sessions.
 */
export function auditPeersOf(pid: number): number[] {
  const stat = statOf(pid);
  const mine = auditSessionOf(pid);
  if (!stat || mine === undefined || mine === auditSessionOf(stat.parent) || mine === auditSessionOf('self'))
    return [];
  return allPids().filter((peer) => auditSessionOf(peer) === mine && statOf(peer)?.state !== 'Z');
}

/** All processes that run a program, as `doors` look at them; on a host of thousands no login waits for the look. */
export async function processTable(): Promise<ProcessRow[]> {
  const rows: ProcessRow[] = [];
  for (const [at, pid] of allPids().entries()) {
    if (at % rowsATurn === rowsATurn - 1) await breathe();
    const row = rowOf(pid);
    if (row) rows.push(row);
  }
  return rows;
}

const rowsATurn = 100;

/** One of them; undefined when it is gone. */
export function rowOf(pid: number): ProcessRow | undefined {
  const stat = statOf(pid);
  const status = read(`/proc/${pid}/status`);
  const program = executableOf(pid);
  // Kernel threads and the dead have no program.
  if (!stat || !status || !program) return undefined;
  const { parent, start } = stat;
  return { pid, parent, start, uids: parseUids(status), program, title: titleOf(pid) };
}

/** The path of the executable, as `doors` look at it; undefined for kernel threads, the dead and the gone. */
export function executableOf(pid: number): string | undefined {
  return link(`/proc/${pid}/exe`);
}

/** The executable of a process. */
export interface Program {
  readonly path: string;
  /** Device and inode: names, links and mounts are a user's to choose, this is not. */
  readonly file: string;
  /** It is what this host has at that path under /usr, and root's alone to write. */
  readonly ofSystem: boolean;
}

/**
 * What a process really runs; undefined when it is gone. The path alone proves nothing: in a mount namespace of his own
 * a user puts any file at any path, and a hard link gives a program of root's another name. So the file must be the
 * one that the agent itself sees there.
 */
export function programOf(pid: number): Program | undefined {
  const path = executableOf(pid);
  const facts = path === undefined ? undefined : factsOf(`/proc/${pid}/exe`);
  if (path === undefined || facts === undefined) return undefined;
  const file = fileId(facts);
  const onDisk = path.startsWith('/usr/') ? factsOf(path) : undefined;
  const ofRoot = facts.uid === 0 && (facts.mode & 0o022) === 0;
  return { path, file, ofSystem: ofRoot && onDisk !== undefined && fileId(onDisk) === file };
}

function fileId(facts: Stats): string {
  return `${facts.dev}:${facts.ino}`;
}

function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Whether a process lives in the agent's own pid and mount namespaces. In a container others are root: programs,
 * paths and logins there mean nothing on this host.
 */
export function isOfThisHost(pid: number): boolean {
  return ['pid', 'mnt'].every((kind) => {
    const namespace = link(`/proc/${pid}/ns/${kind}`);
    return namespace !== undefined && namespace === link(`/proc/self/ns/${kind}`);
  });
}

export function socketInodesOf(pid: number): string[] {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
  return names.flatMap((name) => /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${name}`) ?? '')?.[1] ?? []);
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** When input was last read from a process's pseudo terminal, in milliseconds since 1970; undefined without one. */
export function ttyReadAt(stat: ProcessStat): number | undefined {
  const pts = ptsNumber(stat.tty);
  return pts === undefined ? undefined : factsOf(`/dev/pts/${pts}`)?.atimeMs;
}

/** Text of a process's io counters; undefined when it went away. */
export function ioOf(pid: number): string | undefined {
  return read(`/proc/${pid}/io`);
}
