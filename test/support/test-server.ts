/** A throw-away PostgreSQL: in a temporary folder, on a free port, without fsync; gone with the run, even a killed one. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  findRuntime,
  type ServerUser,
  serverEnvironment,
  serverUser,
} from '../../src/main/embedded-postgres-runtime.ts';
import { freePort } from './free-port.ts';

export interface TestServer {
  url: string;
  stop(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const runtime = await findRuntime(user, join(tmpdir(), 'gatehouse-test-runtime'));
  const cluster = join(folder, 'cluster');
  const port = await freePort();
  await makeCluster(runtime, cluster, user);
  const server = spawn(
    join(runtime, 'bin', 'postgres'),
    ['-D', cluster, '-p', String(port), ...fastSettings],
    {
      ...user,
      env: serverEnvironment,
      cwd: folder,
      stdio: 'ignore',
    },
  );
  const guard = guardOver(server, folder);
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGQUIT');
      await once(server, 'exit');
    }
    guard.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(server, cluster);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgres://gatehouse@127.0.0.1:${port}/postgres`, stop };
}

const fastSettings = Object.entries({
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum_naptime: '10min',
}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

async function makeCluster(runtime: string, cluster: string, user: ServerUser): Promise<void> {
  const args = [
    '-D',
    cluster,
    '--username=gatehouse',
    '--auth=trust',
    '--no-sync',
    '--encoding=UTF8',
    '--locale=C',
  ];
  await promisify(execFile)(join(runtime, 'bin', 'initdb'), args, {
    ...user,
    env: serverEnvironment,
    cwd: '/',
  });
}

async function ready(server: ChildProcess, cluster: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) throw new Error(`the test PostgreSQL ended with ${server.exitCode}`);
    if (statusIn(cluster) === 'ready') return;
    await sleep(25);
  }
  throw new Error('the test PostgreSQL did not become ready');
}

function statusIn(cluster: string): string | undefined {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[7]?.trim();
  } catch {
    return undefined;
  }
}

/**
 * A shell that outlives us: when our end of its pipe closes without a word, the run was killed, and it ends the server
 * and removes the folder. In a session of its own, so that the terminal's ctrl-C does not take it along.
 */
function guardOver(server: ChildProcess, folder: string): ChildProcess {
  const script = 'read -r _; kill -QUIT "$1"; sleep 1; rm -rf "$2"';
  const guard = spawn('sh', ['-c', script, 'guard', String(server.pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  return guard;
}
