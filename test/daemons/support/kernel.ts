/** What the kernel says, for the tests: the oracle of "gone" is a cgroup that is empty, never a list of processes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const mount = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] ?? '/sys/fs/cgroup';

/** Whether a session's cgroup still holds a process; one that was removed holds none. */
export function populated(sessionId: string): boolean {
  const file = `${mount}/gatehouse/${sessionId}/cgroup.events`;
  if (!existsSync(file)) return false;
  return /^populated 1$/m.test(readFileSync(file, 'utf8'));
}

/** Members of a session's cgroup, to see that it holds what it should before it is ended. */
export function members(sessionId: string): number[] {
  const file = `${mount}/gatehouse/${sessionId}/cgroup.procs`;
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
}

/** Pids whose command line contains a marker. */
export function running(marker: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(marker);
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => pid !== process.pid);
}
