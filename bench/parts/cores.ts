/** Which core a process may use: the server apart from those who ask it, where there is more than one. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Servers under test run on `server`; the load, the database and we ourselves on `rest`. */
export interface Split {
  readonly server: string;
  readonly rest: string;
}

/** Undefined where there is one core, or no taskset: then everybody shares. */
export function splitCores(): Split | undefined {
  const cores = availableParallelism();
  if (cores < 2 || !hasTaskset()) return undefined;
  return { server: '0', rest: cores === 2 ? '1' : `1-${cores - 1}` };
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-p', String(process.pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Moves this process, and with it all that it starts from now on. */
export function moveSelf(split: Split | undefined): void {
  if (split !== undefined) execFileSync('taskset', ['-a', '-c', '-p', split.rest, String(process.pid)]);
}

/** The command that runs Node on those cores. */
export function nodeOn(cores: string | undefined): readonly [string, readonly string[]] {
  return cores === undefined ? [process.execPath, []] : ['taskset', ['-c', cores, process.execPath]];
}
