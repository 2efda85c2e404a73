/** The hands that look whether a session is used: its sockets, terminals and counters. Nothing is changed here. */
import { execFile } from 'node:child_process';
import { type ActivityReadings, latestInput, type Wire } from './activity-decision.ts';
import { ioOf, programOf, socketInodesOf, statOf, titleOf, ttyReadAt } from './hands-processes.ts';
import { parseIo, parseSockets, type SocketReading } from './proc-text.ts';

export type Sockets = ReadonlyMap<string, SocketReading>;

/** All TCP sockets of the host by inode, from one call; undefined where `ss` (iproute2) is missing or fails. */
export function readSockets(): Promise<Sockets | undefined> {
  const options = {
    timeout: 5_000,
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  };
  return new Promise((resolve) => {
    execFile('ss', ['-tinHe'], options, (error, output) => resolve(error ? undefined : parseSockets(output)));
  });
}

/** A customer may run thousands of processes; so many tell enough about one session. */
const mostMembers = 64;

export interface Measured {
  readonly readings: ActivityReadings;
  /** sftp-server or sshd's internal one runs, and nothing else. Undefined while no program runs. */
  readonly fileTransfer: boolean | undefined;
  /** Handed back at the next measure, to see whether the counters moved. */
  readonly io: IoMemory;
}

export interface IoMemory {
  readonly bytes: number;
  readonly movedAt: number;
}

/** Measures one session. `now` is the moment to which the ages of `sockets` belong, in ms since 1970. */
export function measure(
  leader: number,
  members: readonly number[],
  sockets: Sockets | undefined,
  before: IoMemory | undefined,
  now: number,
): Measured {
  const daemon = programOf(leader)?.file;
  const looked = members.slice(0, mostMembers).flatMap((pid) => look(pid, daemon));
  const relayed = looked.some((member) => member.relay);
  const programs = looked.filter((member) => !member.relay);
  const terminals = looked.flatMap((member) => member.ttyReadAt ?? []);
  const bytes = programs.reduce((sum, { pid }) => sum + parseIo(ioOf(pid) ?? ''), 0);
  const io = before && before.bytes === bytes ? before : { bytes, movedAt: now };
  const leaderInodes = new Set(socketInodesOf(leader));
  return {
    readings: {
      relayed,
      wire: wireOf(
        relayed ? [...leaderInodes] : looked.flatMap(({ pid }) => socketInodesOf(pid)),
        sockets,
        now,
      ),
      forwardedAt: relayed ? forwardedAt(looked, leaderInodes, sockets, now) : undefined,
      ttyReadAt: latestInput(terminals, now),
      programsMovedAt: programs.length > 0 ? io.movedAt : undefined,
    },
    // A shell beside the file transfer is a shell.
    fileTransfer:
      programs.length === 0
        ? undefined
        : terminals.length === 0 &&
          members.length <= mostMembers &&
          programs.every((member) => member.fileTransfer),
    io,
  };
}

interface Member {
  readonly pid: number;
  readonly relay: boolean;
  readonly fileTransfer: boolean;
  readonly ttyReadAt: number | undefined;
}

/**
 * Users choose the names and titles of their processes, so a title counts only where the daemon's own executable runs,
 * and a name only where it is the system's. Code that a user loads into either of them remains possible.
 */
function look(pid: number, daemon: string | undefined): Member[] {
  const stat = statOf(pid);
  if (!stat || stat.state === 'Z') return [];
  const program = programOf(pid);
  const title = program !== undefined && program.file === daemon ? titleOf(pid) : '';
  const internal = title.endsWith('@internal-sftp');
  // A second sshd with a PAM service of its own runs under another name, such as sshd-internal.
  const relay = /^sshd[\w.-]*: /.test(title) && !internal;
  const server = program?.ofSystem === true && program.path.endsWith('/sftp-server');
  return [{ pid, relay, fileTransfer: internal || server, ttyReadAt: ttyReadAt(stat) }];
}

function wireOf(inodes: readonly string[], sockets: Sockets | undefined, now: number): Wire {
  if (sockets === undefined) return 'unmeasured';
  const found = inodes.flatMap((inode) => sockets.get(inode) ?? []);
  if (found.length === 0) return 'none';
  const received = Math.min(...found.map((socket) => socket.receivedAgoMs));
  const sent = Math.min(...found.map((socket) => socket.sentAgoMs));
  return { receivedAt: now - received, eitherWayAt: now - Math.min(received, sent) };
}

/** Sockets that a relay holds beside the client's connection, which its monitor holds too. */
function forwardedAt(
  members: readonly Member[],
  client: ReadonlySet<string>,
  sockets: Sockets | undefined,
  now: number,
): number | undefined {
  const ages = members
    .filter((member) => member.relay)
    .flatMap(({ pid }) => socketInodesOf(pid))
    .filter((inode) => !client.has(inode))
    .flatMap((inode) => sockets?.get(inode) ?? [])
    .map((socket) => Math.min(socket.receivedAgoMs, socket.sentAgoMs));
  return ages.length > 0 ? now - Math.min(...ages) : undefined;
}

/** The client's address and port as the kernel knows them, from the first connection that the process holds. */
export function peerOf(pid: number, sockets: Sockets | undefined): SocketReading | undefined {
  return socketInodesOf(pid)
    .flatMap((inode) => sockets?.get(inode) ?? [])
    .at(0);
}
