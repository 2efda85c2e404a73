/** Reads the kernel's texts about processes. Users choose their process names, so nothing is split naively. */

export interface ProcessStat {
  readonly comm: string;
  /** `R S D Z T X …`; `Z` and `X` are dead and only wait to be collected. */
  readonly state: string;
  readonly parent: number;
  /** Device number of the controlling terminal, 0 for none. */
  readonly tty: number;
  /** Clock ticks since boot, in decimal: with the pid and the boot id it names one process for ever. */
  readonly start: string;
}

/** `/proc/PID/stat` (proc(5)): the name may hold spaces and parentheses, so fields count from the last `)`. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open === -1 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const [state, parent, , , tty] = fields;
  const start = fields[19];
  if (!state || !parent || !tty || !start || !/^\d+$/.test(start)) return undefined;
  return { comm: text.slice(open + 1, close), state, parent: Number(parent), tty: Number(tty), start };
}

/** The number of the pseudo terminal under the device number of a process's tty; undefined for anything else. */
export function ptsNumber(tty: number): number | undefined {
  const major = (tty >> 8) & 0xfff;
  const minor = (tty & 0xff) | ((tty >> 12) & 0xfff00);
  return major >= 136 && major <= 143 ? (major - 136) * 256 + minor : undefined;
}

/** Real, effective, saved and file-system uid from `/proc/PID/status`. */
export function parseUids(text: string): readonly number[] {
  const line = /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/m.exec(text);
  return line ? line.slice(1).map(Number) : [];
}

/** The path in the v2 hierarchy from `/proc/PID/cgroup`; a deleted cgroup is none. */
export function parseCgroupPath(text: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(text)?.[1];
  return path?.endsWith(' (deleted)') ? undefined : path;
}

/** Where cgroup v2 is mounted, from `/proc/mounts`: alone, or beside v1 in a hybrid. */
export function parseCgroupMount(mounts: string): string | undefined {
  for (const line of mounts.split('\n')) {
    const [, where, kind] = line.split(' ');
    if (kind === 'cgroup2' && where) return where.replace(/\\040/g, ' ');
  }
  return undefined;
}

/** `populated` from `cgroup.events`: whether any process lives in the cgroup or below it. */
export function parsePopulated(events: string): boolean | undefined {
  const value = /^populated ([01])$/m.exec(events)?.[1];
  return value === undefined ? undefined : value === '1';
}

/** Bytes that a process read and wrote by any means, from `/proc/PID/io`. */
export function parseIo(text: string): number {
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return field('rchar') + field('wchar');
}

export interface SocketReading {
  /** Milliseconds since data last came or went. */
  readonly receivedAgoMs: number;
  readonly sentAgoMs: number;
  /** Sent and acknowledged over the life of the connection. */
  readonly sentBytes: number;
  readonly local: string;
  readonly localPort: number;
  readonly peer: string;
  readonly peerPort: number;
}

/** `ss -tinHe` by inode. `ss` leaves a value of 0 out, so a missing one beside other tcp_info means "just now". */
export function parseSockets(output: string): Map<string, SocketReading> {
  const sockets = new Map<string, SocketReading>();
  const joined = output.replace(/\n[ \t]+/g, ' ');
  for (const line of joined.split('\n')) {
    const inode = / ino:(\d+)/.exec(line)?.[1];
    const [, local = '', localPort, peer = '', peerPort] =
      /^\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s+(\S+):(\d+)(?=\s|$)/.exec(line) ?? [];
    if (!inode || inode === '0' || !peer || !/ rto:\d/.test(line)) continue;
    const value = (name: string) => Number(new RegExp(` ${name}:(\\d+)`).exec(line)?.[1] ?? 0);
    sockets.set(inode, {
      receivedAgoMs: value('lastrcv'),
      sentAgoMs: value('lastsnd'),
      sentBytes: value('bytes_acked'),
      local: plainAddress(local),
      localPort: Number(localPort),
      peer: plainAddress(peer),
      peerPort: Number(peerPort),
    });
  }
  return sockets;
}

/** `[::ffff:192.0.2.1]`, `[fe80::1]%eth0`, `192.0.2.1` without their dress. */
function plainAddress(text: string): string {
  return text
    .replace(/[[\]]/g, '')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '');
}

/** `ss -xHn`: both ends of each connected Unix socket by inode. A path may hold spaces, the numbers behind it do not. */
export function parseUnixPeers(output: string): Map<string, string> {
  const peers = new Map<string, string>();
  for (const line of output.split('\n')) {
    const [, mine, theirs] = /^u_\w+\s+ESTAB\s.*\s(\d+)\s+\*\s+(\d+)\s*$/.exec(line) ?? [];
    if (mine && theirs && theirs !== '0') peers.set(mine, theirs);
  }
  return peers;
}
