/** Real servers, used by real processes of their own. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runningServer, stopServer } from '../../src/main/embedded-postgres-server.ts';
import { connectTo } from '../../src/store/connect.ts';

const program = fileURLToPath(new URL('processes/use-embedded.mjs', import.meta.url));
const nobody = 65_534;
const root = process.getuid?.() === 0;
/** Whether we can also be an ordinary user: root, in a checkout that others may read. */
const ordinary = root && spawnSync(process.execPath, ['--check', program], { uid: nobody }).status === 0;
let home: string;
let dataDir: string;
let users: ChildProcess[] = [];
/** One with a cluster in it: what is promised of later starts need not wait for its making. */
const before = mkdtempSync(join(tmpdir(), 'gatehouse-embedded-'));
const begunBefore = () => execFileSync('cp', ['-a', join(before, 'data'), dataDir]);

beforeAll(async () => {
  dataDir = join(before, 'data');
  await (await use()).leave();
});
afterAll(() => rmSync(before, { recursive: true, force: true }));

beforeEach(() => {
  // 0700, like root's home: the server's user cannot pass through it.
  home = mkdtempSync(join(tmpdir(), 'gatehouse-embedded-'));
  dataDir = join(home, 'data');
  users = [];
});

afterEach(async () => {
  for (const user of users) user.kill('SIGKILL');
  const left = runningServer(dataDir);
  if (left) await stopServer(dataDir, left.pid);
  rmSync(home, { recursive: true, force: true });
});

interface User {
  url: string;
  child: ChildProcess;
  leave(): Promise<void>;
  kill(): Promise<void>;
}

async function use(uid?: number): Promise<User> {
  const as = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(process.execPath, [program, dataDir], { ...as, stdio: ['pipe', 'pipe', 'pipe'] });
  users.push(child);
  const gone = once(child, 'exit');
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const url = await Promise.race([
    once(child.stdout ?? child, 'data').then(([chunk]) => String(chunk).trim()),
    gone.then(() => Promise.reject(new Error(complaint))),
  ]);
  return {
    url,
    child,
    async leave() {
      child.stdin?.end();
      await gone;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function ask<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = connectTo(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

const answers = (url: string) => ask(url, async (sql) => (await sql`select 1 as one`)[0]?.one === 1);
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('one server for all who use the data directory', () => {
  test('the first starts it, the second finds it, the last one out stops it', async () => {
    const serve = await use();
    const cli = await use();
    expect(cli.url).toBe(serve.url);
    await serve.leave();
    expect(await answers(cli.url)).toBe(true);
    await cli.leave();
    expect(runningServer(dataDir)).toBeUndefined();
  });

  test('it is reached by its socket, which nobody else can enter', async () => {
    begunBefore();
    const user = await use();
    const [row] = await ask(user.url, (sql) => sql<{ by: string | null }[]>`select inet_server_addr() as by`);
    expect(row).toEqual({ by: null });
    expect(modeOf(join(dataDir, 'postgres'))).toBe(0o700);
    await user.leave();
  });

  test('where the path is too long for a socket, it is reached by TCP', async () => {
    dataDir = join(home, 'd'.repeat(100));
    begunBefore();
    const user = await use();
    const [row] = await ask(user.url, (sql) => sql<{ by: string }[]>`select host(inet_server_addr()) as by`);
    expect(row).toEqual({ by: '127.0.0.1' });
    await user.leave();
  });

  test('what was written is there after a restart', async () => {
    begunBefore();
    const first = await use();
    await ask(first.url, (sql) => sql`create table kept as select 41 as n`);
    await first.leave();
    const second = await use();
    expect(await ask(second.url, async (sql) => (await sql`select n from kept`)[0]?.n)).toBe(41);
    await second.leave();
  });

  test('sixteen that start at once on an empty directory end with one server', async () => {
    const all = await Promise.all(Array.from({ length: 16 }, () => use()));
    expect(new Set(all.map((user) => user.url)).size).toBe(1);
    await Promise.all(all.map((user) => user.leave()));
    expect(runningServer(dataDir)).toBeUndefined();
  }, 60_000);

  test('one who comes while the last one leaves gets a server that stays', async () => {
    begunBefore();
    for (let round = 0; round < 6; round++) {
      const leaving = await use();
      const [, coming] = await Promise.all([leaving.leave(), sleep(round * 15).then(() => use())]);
      expect(await answers(coming.url)).toBe(true);
      await coming.leave();
    }
  }, 60_000);
});

describe('deaths', () => {
  test('a killed user leaves a server that the next one finds, and stops', async () => {
    begunBefore();
    const killed = await use();
    await killed.kill();
    const next = await use();
    expect(next.url).toBe(killed.url);
    await next.leave();
    expect(runningServer(dataDir)).toBeUndefined();
  });

  test('a killed server is started again, on the same port, for those who use it', async () => {
    begunBefore();
    const user = await use();
    const killed = runningServer(dataDir);
    process.kill(killed?.pid ?? 0, 'SIGKILL');
    await expect
      .poll(() => runningServer(dataDir)?.ready && runningServer(dataDir)?.pid, { timeout: 15_000 })
      .not.toBe(killed?.pid);
    await expect.poll(() => answers(user.url).catch(() => false), { timeout: 10_000 }).toBe(true);
    await user.leave();
    expect(runningServer(dataDir)).toBeUndefined();
  });

  test('a pid file that names some other living process keeps nobody out', async () => {
    // An ordinary user's, for PostgreSQL itself sees through a process that it may not signal.
    if (ordinary) chownSync(home, nobody, nobody);
    const uid = ordinary ? nobody : undefined;
    await (await use(uid)).leave();
    const stranger = spawn('sleep', ['60'], uid ? { uid } : {});
    try {
      const file = join(dataDir, 'postgres', 'postmaster.pid');
      writeFileSync(file, `${stranger.pid}\n${dataDir}\n0\n5432\n\n127.0.0.1\n0 0\nready   \n`);
      if (ordinary) chownSync(file, nobody, nobody);
      const user = await use(uid);
      expect(await answers(user.url)).toBe(true);
      await user.leave();
    } finally {
      stranger.kill();
    }
  });

  test('what a process left that died while it made the cluster is cleared away', async () => {
    mkdirSync(join(dataDir, 'postgres.new-4194300-dead', 'cluster'), { recursive: true });
    writeFileSync(join(dataDir, 'postgres.turn'), '4194300');
    const user = await use();
    expect(existsSync(join(dataDir, 'postgres.new-4194300-dead'))).toBe(false);
    await user.leave();
  });
});

describe('who may read what', () => {
  test('the directory, the password and the cluster are closed to others', async () => {
    const user = await use();
    expect(modeOf(dataDir)).toBe(0o700);
    expect(modeOf(join(dataDir, 'postgres'))).toBe(0o700);
    expect(modeOf(join(dataDir, 'postgres-password'))).toBe(0o600);
    expect(modeOf(join(dataDir, 'postgres.log'))).toBe(0o600);
    const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8');
    expect(password).toHaveLength(32);
    expect(readFileSync(`/proc/${runningServer(dataDir)?.pid}/cmdline`, 'utf8')).not.toContain(password);
    await user.leave();
  });

  test('a wrong password, or none, does not open it', async () => {
    begunBefore();
    const user = await use();
    for (const password of ['', 'guess']) {
      const url = new URL(user.url);
      url.password = password;
      await expect(answers(url.href)).rejects.toThrow(/password/);
    }
    await user.leave();
  });

  test('a lost password file is said, not replaced', async () => {
    begunBefore();
    rmSync(join(dataDir, 'postgres-password'));
    await expect(use()).rejects.toThrow(/put the file back/);
    writeFileSync(join(dataDir, 'postgres-password'), 'another', { mode: 0o600 });
    await expect(use()).rejects.toThrow(/not this cluster's/);
  });

  test.runIf(ordinary)('an ordinary user runs it as itself, and root joins that server', async () => {
    chownSync(home, nobody, nobody);
    const customer = await use(nobody);
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(nobody);
    const operator = await use();
    expect(operator.url).toBe(customer.url);
    await customer.leave();
    await operator.leave();
    const again = await use(nobody);
    expect(await answers(again.url)).toBe(true);
    await again.leave();
  });

  test.runIf(ordinary)('an ordinary user is told when the directory is another one’s', async () => {
    const owner = await use();
    await expect(use(nobody)).rejects.toThrow(/cannot be used/);
    await owner.leave();
  });
});
