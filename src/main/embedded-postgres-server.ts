/**
 * The embedded server as a process: made, started, found, stopped.
 *
 * As root the server runs as another user, who is handed the cluster's folder already open, as descriptor 3. So it
 * needs no way in from above: the data directory stays closed to it, and may lie in a closed home like /root.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '../domain/secret.ts';
import { type ServerUser, serverEnvironment } from './embedded-postgres-runtime.ts';

/** Where one embedded server lives. */
export interface Cluster {
  dataDir: string;
  runtime: string;
  user: ServerUser;
  password: Secret;
}

export interface RunningServer {
  pid: number;
  port: number;
  ready: boolean;
}

const clusterFolder = (dataDir: string) => join(dataDir, 'postgres');
const turnFile = (dataDir: string) => join(dataDir, 'postgres.turn');
/** The folder of the server's Unix socket; undefined where its path is too long for one (108 bytes with its end). */
export function socketFolder(dataDir: string, port: number): string | undefined {
  const folder = clusterFolder(dataDir);
  return Buffer.byteLength(`${folder}/.s.PGSQL.${port}`) < 108 ? folder : undefined;
}

export const serverLog = (dataDir: string) => join(dataDir, 'postgres.log');

const settings = {
  listen_addresses: '127.0.0.1',
  // The cluster's own folder, where the server stands: closed to everybody else.
  unix_socket_directories: '.',
  max_connections: '200',
  jit: 'off',
  cluster_name: 'gatehouse',
  // A failed statement's text may hold a customer's data; the error itself is enough.
  log_min_error_statement: 'panic',
};

/**
 * The server that postmaster.pid names, if that process is one. The file alone proves nothing: after a crash its number
 * may belong to anybody, and its port to a stranger waiting to be told the password.
 */
export function runningServer(dataDir: string): RunningServer | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(clusterFolder(dataDir), 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid < 2 || !isPostgres(pid, statSync(clusterFolder(dataDir)).uid))
    return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

function isPostgres(pid: number, uid: number): boolean {
  if (process.platform !== 'linux') return isAlive(pid);
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    const state = /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return name === 'postgres' && state !== 'Z' && statSync(`/proc/${pid}`).uid === uid;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The user whom the cluster belongs to; undefined when there is none yet. */
export function clusterOwner(dataDir: string): { uid: number; gid: number } | undefined {
  const stat = statSync(clusterFolder(dataDir), { throwIfNoEntry: false });
  return stat && { uid: stat.uid, gid: stat.gid };
}

/**
 * Lets one process at a time make or start the server. This only saves work: what keeps two servers apart is the move
 * into place in `makeCluster` and PostgreSQL's own pid file. So a turn left by a dead process may simply be taken.
 */
export function takeTurn(dataDir: string, now: Date): boolean {
  const file = turnFile(dataDir);
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat && (now.getTime() - stat.mtimeMs > 60_000 || !isAlive(turnHolder(file))))
      rmSync(file, { force: true });
    return false;
  }
}

function turnHolder(file: string): number {
  try {
    // An empty file is one whose owner has not written yet: as good as our own.
    return Number(readFileSync(file, 'utf8')) || process.pid;
  } catch {
    return process.pid;
  }
}

export function giveTurn(dataDir: string): void {
  rmSync(turnFile(dataDir), { force: true });
}

/** Makes the cluster aside and moves it into place: there is never a half one, and of two that start, one is kept. */
export async function makeCluster(cluster: Cluster, token: string): Promise<void> {
  const { dataDir, user, runtime } = cluster;
  clearLeftovers(dataDir);
  const stage = join(dataDir, `postgres.new-${process.pid}-${token}`);
  mkdirSync(stage, { mode: 0o700 });
  const passwordFile = join(stage, 'password');
  writeFileSync(passwordFile, `${cluster.password.reveal()}\n`, { mode: 0o600, flag: 'wx' });
  for (const path of [stage, passwordFile]) handOver(path, user);
  try {
    await initdb(runtime, stage, user);
    renameSync(join(stage, 'cluster'), clusterFolder(dataDir));
  } catch (error) {
    if (!statSync(clusterFolder(dataDir), { throwIfNoEntry: false })) throw error;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function handOver(path: string, { uid, gid }: ServerUser): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/** What a process left that was killed in `makeCluster`. */
function clearLeftovers(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    const pid = /^postgres\.new-(\d+)-/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(dataDir, name), { recursive: true, force: true });
  }
}

async function initdb(runtime: string, stage: string, user: ServerUser): Promise<void> {
  const handed = handedOver(stage, user);
  const child = spawn(
    join(runtime, 'bin', 'initdb'),
    [
      ...['-D', join(handed.path, 'cluster'), `--pwfile=${join(handed.path, 'password')}`],
      ...['--username=gatehouse', '--auth=scram-sha-256', '--encoding=UTF8', '--data-checksums'],
      ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ],
    { ...user, env: serverEnvironment, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', handed.descriptor] },
  );
  closeSync(handed.descriptor);
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`The embedded PostgreSQL's cluster could not be made: ${complaint.trim()}`);
}

/** The folder as the server's user will name it; the descriptor becomes number 3 of the child. */
function handedOver(folder: string, user: ServerUser): { path: string; descriptor: number } {
  const descriptor = openSync(folder, 'r');
  const closedAbove = user.uid !== undefined && process.platform === 'linux';
  return { path: closedAbove ? '/proc/self/fd/3' : folder, descriptor };
}

/**
 * Starts the server in a session of its own, logging to a file: it belongs to no one process and outlives any.
 * @returns true when it is ready; false when it ended at once, most often because another one was quicker.
 */
export async function startServer(cluster: Cluster, wishedPort: number | undefined): Promise<boolean> {
  const { dataDir, runtime, user } = cluster;
  dropForeignPid(dataDir);
  const port = await freePort(wishedPort);
  const handed = handedOver(clusterFolder(dataDir), user);
  const output = openLog(dataDir);
  const options = Object.entries({ ...settings, port: String(port) }).flatMap(([k, v]) => [
    '-c',
    `${k}=${v}`,
  ]);
  const child = spawn(join(runtime, 'bin', 'postgres'), ['-D', handed.path, ...options], {
    ...user,
    env: serverEnvironment,
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output, handed.descriptor],
  });
  closeSync(output);
  closeSync(handed.descriptor);
  child.unref();
  let ended = false;
  child.on('error', () => {
    ended = true;
  });
  child.on('exit', () => {
    ended = true;
  });
  for (;;) {
    const running = runningServer(dataDir);
    if (running?.ready && running.pid === child.pid) return true;
    if (ended) return false;
    await sleep(20);
  }
}

/** PostgreSQL would take any living process of its own user for the one that its stale file names. */
function dropForeignPid(dataDir: string): void {
  const file = join(clusterFolder(dataDir), 'postmaster.pid');
  if (process.platform !== 'linux' || runningServer(dataDir)) return;
  try {
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
    if (pid > 1 && isAlive(pid)) unlinkSync(file);
  } catch {
    // None there: nothing to drop.
  }
}

function openLog(dataDir: string): number {
  const file = serverLog(dataDir);
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 16_000_000) truncateSync(file);
  return openSync(file, 'a', 0o600);
}

async function freePort(wished: number | undefined): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(wished ?? 0, '127.0.0.1');
    await once(probe, 'listening');
  } catch {
    return freePort(undefined);
  }
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port on 127.0.0.1');
  return address.port;
}

/** Fast shutdown, waited for: who starts it next finds the cluster free. */
export async function stopServer(dataDir: string, pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    return;
  }
  while (runningServer(dataDir)?.pid === pid) await sleep(20);
}
