/** What every bench stands on: a real PostgreSQL with its real settings (fsync included), the service's keys, SQL. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type postgres from 'postgres';
import { log } from '../../src/log.ts';
import { openEmbedded } from '../../src/main/embedded-postgres.ts';
import { connectTo } from '../../src/store/connect.ts';
import { moveSelf, type Split, splitCores } from './cores.ts';
import { cpuIn } from './cpu.ts';
import { type Part, root, startPart } from './processes.ts';

export interface Node {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Ground {
  readonly split: Split | undefined;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly sql: postgres.Sql;
  /** Starts `gatehouse serve`, compiled, as a process of its own. */
  serve(cores?: string, env?: Record<string, string>): Promise<Node>;
  /** Starts another server of this folder (`bench/dist/bench/…`); it says its port in its first line. */
  start(program: string, cores?: string, args?: readonly string[]): Promise<Node>;
}

/** Runs a bench on fresh ground; everything that was started is gone afterwards. `apart`: servers get their own core. */
export async function onGround(apart: boolean, bench: (ground: Ground) => Promise<void>): Promise<void> {
  log.level = 'error';
  const split = apart ? splitCores() : undefined;
  moveSelf(split);
  const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const database = await openEmbedded(dataDir, log);
  const sql = connectTo(database.local, { max: 4, onnotice: () => {} });
  const parts: Part[] = [];
  const common = { DATABASE_URL: database.local, GATEHOUSE_DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
  const started = async (program: string, options: Parameters<typeof startPart>[1]): Promise<Node> => {
    const part = await startPart(program, options);
    parts.push(part);
    const port = Number(/(\d+)\D*$/.exec(part.said)?.[1]);
    return { host: '127.0.0.1', port, pid: part.pid, stop: part.stop };
  };
  try {
    await bench({
      split,
      databaseUrl: database.local,
      dataDir,
      sql,
      serve: (cores, env = {}) =>
        started(join(root, 'dist/main/cli.js'), {
          cores,
          env: { ...common, PORT: '0', ...env },
          args: ['serve'],
        }),
      start: (program, cores, args = []) => started(program, { cores, env: common, args }),
    });
  } catch (error) {
    // Said at once: whatever is still under way fails with the servers, and would hide it.
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  } finally {
    process.on('unhandledRejection', () => {});
    for (const part of parts.reverse()) await part.stop();
    await sql.end();
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** CPU time that a process and its threads have used, in ms; 0 where the kernel does not tell. */
export const cpuMs = (pid: number) => cpuIn(`/proc/${pid}/stat`);

/** CPU time of a process's first thread, where the event loop runs. */
export const mainThreadMs = (pid: number) => cpuIn(`/proc/${pid}/task/${pid}/stat`);

/** CPU time of the database's processes that are still there. */
export function databaseCpuMs(dataDir: string): number {
  const main = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0];
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(main)], { encoding: 'utf8' });
  return children.split('\n').reduce((sum, pid) => sum + cpuMs(Number(pid)), 0);
}
