/** The hands that look whether a session is used: its sockets, terminals and counters. Nothing is changed here. */
import { execFile } from 'node:child_process';
import { type ActivityReadings, latestInput, type Wire } from './activity-decision.ts';
import { ioOf, programOf, socketInodesOf, statOf, titleOf, ttyReadAt } from './hands-processes.ts';
import { parseIo, parseSockets, type SocketReading } from './proc-text.ts';
import { SharedReading } from './shared-reading.ts';

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

const shared = new SharedReading(readSockets);

/** The same for a question, of which hundreds may come at once, within its deadline. */
export const socketsFor = (signal: AbortSignal): Promise<Sockets | undefined> => shared.take(signal);

/** A customer may run thousands of processes; so many tell enough about one session. */
const mostMembers = 64;

export interface Measured {
  readonly readings: ActivityReadings;
  /** sftp-server or sshd's internal one runs, and nothing else. Undefined while no program runs, and where no sshd leads. */
  readonly fileTransfer: boolean | undefined;
  /** Handed back at the next measure, to see whether the counters moved. */
  readonly io: IoMemory;
}

export interface IoMemory {
  readonly bytes: number;
  readonly movedAt: number;
  /** Bytes to the client, as they stood when so many were last sent that somebody must have asked for them. */
  readonly sent: number;
  readonly sentAt: number;
}

export interface Watched {
  readonly leader: number;
  readonly members: readonly number[];
  /** The client's end of the connection, for a session whose socket another process may hold (TLS in front of it). */
  readonly source: { readonly ip: string; readonly port: number } | null;
  /** The leader is what relays between the client and the session's terminal. */
  readonly fronted: boolean;
  /** The daemon sends by itself, too. */
  readonly keepsTalking: boolean;
}

/** More than keepalives amount to in hours, and less than a letter. */
const bulkBytes = 4096;

/** Measures one session. `now` is the moment to which the ages of `sockets` belong, in ms since 1970. */
export function measure(
  { leader, members, source, fronted, keepsTalking }: Watched,
  sockets: Sockets | undefined,
  before: IoMemory | undefined,
  now: number,
): Measured {
  const daemon = programOf(leader)?.file;
  const looked = members.slice(0, mostMembers).flatMap((pid) => look(pid, daemon, fronted && pid === leader));
  const relayed = fronted || looked.some((member) => member.relay);
  const programs = looked.filter((member) => !member.relay);
  const terminals = looked.flatMap((member) => member.ttyReadAt ?? []);
  const bytes = programs.reduce((sum, { pid }) => sum + parseIo(ioOf(pid) ?? ''), 0);
  const leaderInodes = new Set(socketInodesOf(leader));
  const inodes = relayed ? [...leaderInodes] : looked.flatMap(({ pid }) => socketInodesOf(pid));
  const held = inodes.flatMap((inode) => sockets?.get(inode) ?? []);
  const wires = held.length > 0 || source === null ? held : withPeer(sockets, source);
  const io = { ...movedBytes(before, bytes, now), ...sentInBulk(before, wires, now) };
  return {
    readings: {
      relayed,
      // Neither held nor found by its client's end: a proxy in front of the daemon holds it.
      wire:
        sockets && (wires.length > 0 || source === null)
          ? wireOf(wires, now, keepsTalking ? io.sentAt : now)
          : 'unmeasured',
      forwardedAt: relayed ? forwardedAt(looked, leaderInodes, sockets, now) : undefined,
      ttyReadAt: latestInput(terminals, now),
      programsMovedAt: programs.length > 0 ? io.movedAt : undefined,
    },
    // A shell beside the file transfer is a shell.
    fileTransfer:
      programs.length === 0 || look(leader, daemon, fronted)[0]?.relay !== true
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
function look(pid: number, daemon: string | undefined, isFront: boolean): Member[] {
  const stat = statOf(pid);
  if (!stat || stat.state === 'Z') return [];
  const program = programOf(pid);
  const title = program !== undefined && program.file === daemon ? titleOf(pid) : '';
  const internal = title.endsWith('@internal-sftp');
  // A second sshd with a PAM service of its own runs under another name, such as sshd-internal.
  const relay = isFront || (/^sshd[\w.-]*: /.test(title) && !internal);
  const server = program?.ofSystem === true && program.path.endsWith('/sftp-server');
  return [{ pid, relay, fileTransfer: internal || server, ttyReadAt: ttyReadAt(stat) }];
}

/** `sentBy`: what was sent later than that is not known to be somebody's doing. */
function wireOf(found: readonly SocketReading[], now: number, sentBy: number): Wire {
  if (found.length === 0) return 'none';
  const receivedAt = now - Math.min(...found.map((socket) => socket.receivedAgoMs));
  const sentAt = now - Math.min(...found.map((socket) => socket.sentAgoMs));
  return { receivedAt, eitherWayAt: Math.max(receivedAt, Math.min(sentAt, sentBy)) };
}

function withPeer(sockets: Sockets | undefined, source: { ip: string; port: number }): SocketReading[] {
  const all = [...(sockets?.values() ?? [])];
  return all.filter(({ peer, peerPort }) => peer === source.ip && peerPort === source.port);
}

function movedBytes(before: IoMemory | undefined, bytes: number, now: number) {
  return before?.bytes === bytes ? { bytes, movedAt: before.movedAt } : { bytes, movedAt: now };
}

function sentInBulk(before: IoMemory | undefined, found: readonly SocketReading[], now: number) {
  const sent = found.reduce((sum, socket) => sum + socket.sentBytes, 0);
  if (before === undefined) return { sent, sentAt: Number.NEGATIVE_INFINITY };
  const moved = Math.abs(sent - before.sent) >= bulkBytes;
  return moved ? { sent, sentAt: now } : { sent: before.sent, sentAt: before.sentAt };
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
