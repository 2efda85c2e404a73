/**
 * The hands that find out which process is at the other end of a Unix socket. Node does not tell (no SO_PEERCRED), so
 * the kernel's list of socket pairs does, and the file descriptors of the processes.
 */
import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { allPids, executableOf, isOfThisHost, socketInodesOf, statOf } from './hands-processes.ts';
import { parseUnixPeers } from './proc-text.ts';

/** Undefined where it is not certain: gone, held by several, or of a container. `may`: which programs it can be. */
export async function peerProcess(
  socket: Socket,
  may: (process: { readonly program: string }) => boolean,
): Promise<{ readonly pid: number; readonly start: string } | undefined> {
  const mine = inodeOf(socket);
  const inode = mine === undefined ? undefined : (await unixPeers()).get(mine);
  if (inode === undefined) return undefined;
  const holders = allPids().flatMap((pid) => {
    const program = executableOf(pid);
    if (program === undefined || !may({ program })) return [];
    const start = statOf(pid)?.start;
    // The start first: whoever has that socket afterwards is the process that had this start.
    return start !== undefined && socketInodesOf(pid).includes(inode) ? [{ pid, start }] : [];
  });
  const [holder, another] = holders;
  return holder && !another && isOfThisHost(holder.pid) ? holder : undefined;
}

/** The descriptor of a socket is not in Node's interface, and is asked for as `listen({ fd })` describes handles. */
function inodeOf(socket: Socket): string | undefined {
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: unknown } | null };
  const fd = handle?.fd;
  if (typeof fd !== 'number' || fd < 0) return undefined;
  return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
}

/** Pairs of connected Unix sockets of this host, by inode; none where `ss` fails. */
function unixPeers(): Promise<ReadonlyMap<string, string>> {
  const options = {
    timeout: 2_000,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  };
  return new Promise((resolve) => {
    execFile('ss', ['-xHn'], options, (error, output) => resolve(error ? new Map() : parseUnixPeers(output)));
  });
}
