/** Real processes and cgroups for the agent's tests, and their certain end. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostFacts } from '../../../src/agent/hands-cgroups.ts';
import { bootId, isLive, statOf } from '../../../src/agent/hands-processes.ts';
import type { ProcessRef } from '../../../src/protocol/agent.ts';

const { mount } = hostFacts(undefined);
/** Why the tests with cgroups cannot run here; undefined where they can, and always in CI. */
export const cannotRun =
  process.env.CI === 'true' || (process.getuid?.() === 0 && mount)
    ? undefined
    : 'needs root and cgroup v2 to make cgroups';

/** A directory of cgroups for one test file, beside the real one. */
export const cgroupRoot = `${mount}/gatehouse-test-${process.pid}`;

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'gatehouse-agent-'));
}

const started: ChildProcess[] = [];

/** Starts a shell script in a session of its own, as daemons do; its leader is the session's leader. */
export async function startShell(script: string): Promise<ProcessRef> {
  const child = spawn('/bin/bash', ['-c', script], { detached: true, stdio: 'ignore' });
  started.push(child);
  const { pid } = child;
  if (pid === undefined) throw new Error('the shell did not start');
  await sleep(30);
  return refOf(pid);
}

export function refOf(pid: number): ProcessRef {
  const start = statOf(pid)?.start;
  if (start === undefined) throw new Error(`no process ${pid}`);
  return { pid, start, boot_id: bootId() };
}

/** Ends everything that a test started and every cgroup under the test's root. */
export async function endAll(): Promise<void> {
  for (const child of started.splice(0)) endGroup(child.pid);
  if (!existsSync(cgroupRoot)) return;
  writeFileSync(`${cgroupRoot}/cgroup.kill`, '1');
  await eventually(() => populated(cgroupRoot) === false);
  const remove = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) remove(`${path}/${entry.name}`);
    }
    rmdirSync(path);
  };
  await eventually(() => {
    try {
      remove(cgroupRoot);
      return true;
    } catch {
      return false;
    }
  });
}

/** The shell is the leader of its group: what it runs in front dies with it. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it is gone.
  }
}

export function removeDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** The kernel's own word, read here without the code under test. Undefined when there is no such cgroup. */
export function populated(path: string): boolean | undefined {
  try {
    return /^populated 1$/m.test(readFileSync(`${path}/cgroup.events`, 'utf8'));
  } catch {
    return undefined;
  }
}

export { isLive };

export async function eventually(holds: () => boolean, ms = 5_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`did not come true within ${ms} ms: ${holds}`);
    await sleep(10);
  }
}
