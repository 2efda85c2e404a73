/**
 * A PostgreSQL of one's own in the data directory, shared by every Gatehouse process that uses the directory.
 *
 * Whoever comes first starts it, whoever leaves last stops it. Each user holds a shared advisory lock on a connection
 * of its own, which the server frees when the process dies, however it dies. Who leaves asks for the lock alone: given
 * it, nobody else is there; and whoever comes in that moment waits for the lock until the server is gone, and starts
 * it anew.
 */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { Secret } from '../domain/secret.ts';
import type { Log } from '../log.ts';
import { systemWorld, type World } from '../world.ts';
import { openDataDir } from './data-dir.ts';
import { findRuntime, serverUser } from './embedded-postgres-runtime.ts';
import {
  type Cluster,
  clusterOwner,
  giveTurn,
  makeCluster,
  type RunningServer,
  runningServer,
  serverLog,
  socketFolder,
  startServer,
  stopServer,
  takeTurn,
} from './embedded-postgres-server.ts';
import { keepFile, readKept } from './keep-file.ts';

export interface Embedded {
  /** Holds the password: for the driver, never for a log. */
  url: string;
  /** The same by its Unix socket, as libpq writes it: quicker. `url` itself where there can be none. */
  local: string;
  /** Call after the last connection is closed: the last user stops the server. */
  close(): Promise<void>;
}

interface Hold {
  server: RunningServer;
  sql: postgres.Sql;
}

const usersLock = 7_404_283_902;
const patienceMs = 60_000;

/**
 * Finds or starts the server in `dataDir` (made on the first start, 0700) and stays one of its users until `close`.
 * Should the server die meanwhile, it is started again on the same port.
 * @throws with one sentence that says what to do.
 */
export async function openEmbedded(dataDir: string, log: Log, world: World = systemWorld): Promise<Embedded> {
  const cluster = await prepare(openDataDir(resolve(dataDir)), world);
  let closed = false;
  let reentering: Promise<void> = Promise.resolve();
  const lost = () => {
    if (!closed) reentering = reenter();
  };
  const reenter = async () => {
    log.warn('the embedded PostgreSQL went away: entering it again');
    const { port } = hold.server;
    for (;;) {
      try {
        hold = await enter(cluster, world, port, lost);
        break;
      } catch (error) {
        log.error({ err: error }, 'the embedded PostgreSQL stays away');
        if (closed) return;
        await sleep(5000);
      }
    }
    if (hold.server.port !== port)
      log.error('the port of the embedded PostgreSQL was taken: restart Gatehouse');
  };
  let hold = await enter(cluster, world, undefined, lost);
  await makeDatabase(hold.sql);
  const url = `postgres://gatehouse:${cluster.password.reveal()}@127.0.0.1:${hold.server.port}/gatehouse`;
  const folder = socketFolder(cluster.dataDir, hold.server.port);
  return {
    url,
    local: folder === undefined ? url : `${url}?host=${encodeURIComponent(folder)}`,
    async close() {
      if (closed) return;
      closed = true;
      // Half-way in again: it may be us who started the server, so it is ours to stop.
      await reentering;
      await leave(cluster, hold);
    },
  };
}

async function prepare(dataDir: string, world: World): Promise<Cluster> {
  const passwordFile = `${dataDir}/postgres-password`;
  const owner = clusterOwner(dataDir);
  if (owner && readKept(passwordFile) === undefined) {
    throw new Error(
      `${passwordFile} is missing, but its cluster is there: put the file back from the backup`,
    );
  }
  // Root serves a cluster that an ordinary user made as that user, so that both can go on using it.
  const user = process.getuid?.() === 0 ? (owner ?? serverUser()) : {};
  const password = new Secret(keepFile(passwordFile, world, () => world.random(24).toString('base64url')));
  return { dataDir, user, password, runtime: await findRuntime(user, `${dataDir}/runtime`) };
}

async function enter(
  cluster: Cluster,
  world: World,
  wishedPort: number | undefined,
  lost: () => void,
): Promise<Hold> {
  const { dataDir } = cluster;
  const deadline = world.monotonicMs() + patienceMs;
  let failures = 0;
  while (failures < 3 && world.monotonicMs() < deadline) {
    const server = runningServer(dataDir);
    if (server?.ready) {
      const sql = await attach(server, cluster, lost);
      if (sql) return { server, sql };
    } else if (!server && takeTurn(dataDir, world.now())) {
      try {
        if (!(await startOnce(cluster, world, wishedPort))) failures++;
      } finally {
        giveTurn(dataDir);
      }
    }
    await sleep(25);
  }
  throw new Error(
    `The embedded PostgreSQL does not start; the reason is at the end of ${serverLog(dataDir)}`,
  );
}

async function startOnce(cluster: Cluster, world: World, wishedPort: number | undefined): Promise<boolean> {
  if (runningServer(cluster.dataDir)) return true;
  if (!clusterOwner(cluster.dataDir)) await makeCluster(cluster, world.random(6).toString('hex'));
  return startServer(cluster, wishedPort);
}

/** Takes a user's place on `server`; undefined when it went away first. */
async function attach(
  server: RunningServer,
  cluster: Cluster,
  lost: () => void,
): Promise<postgres.Sql | undefined> {
  let held = false;
  const sql = postgres({
    ...{ host: '127.0.0.1', port: server.port, user: 'gatehouse', database: 'postgres' },
    ...{
      password: cluster.password.reveal(),
      max: 1,
      connect_timeout: 5,
      max_lifetime: null,
      fetch_types: false,
    },
    onnotice: () => {},
    onclose: () => {
      if (!held) return;
      held = false;
      void sql.end({ timeout: 0 });
      lost();
    },
  });
  try {
    await sql`select pg_advisory_lock_shared(${usersLock})`;
    held = true;
    return sql;
  } catch (error) {
    void sql.end({ timeout: 0 });
    if (error instanceof postgres.PostgresError && error.code === '28P01') {
      throw new Error(
        `The password in ${cluster.dataDir}/postgres-password is not this cluster's: put the right file back`,
      );
    }
    return undefined;
  }
}

async function leave(cluster: Cluster, { sql, server }: Hold): Promise<void> {
  try {
    await sql`select pg_advisory_unlock_shared(${usersLock})`;
    const [row] = await sql<{ alone: boolean }[]>`select pg_try_advisory_lock(${usersLock}) as alone`;
    if (row?.alone) await stopServer(cluster.dataDir, server.pid);
  } catch {
    // The server is gone already, and the lock with it.
  }
  await sql.end({ timeout: 0 });
}

/** Several may make it at once: all but the first are told that it is there. */
async function makeDatabase(sql: postgres.Sql): Promise<void> {
  const there = await sql`select 1 from pg_database where datname = 'gatehouse'`;
  if (there.length > 0) return;
  try {
    await sql`create database gatehouse`;
  } catch (error) {
    const already = ['42P04', '23505'];
    if (!(error instanceof postgres.PostgresError && already.includes(error.code))) throw error;
  }
}
