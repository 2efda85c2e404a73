/** Processes of a bench: started, waited for, and ended with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeOn } from './cores.ts';

/** The checkout, seen from `bench/dist/bench/parts`. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url));

export interface Part {
  readonly pid: number;
  /** The first line that it wrote: its greeting. */
  readonly said: string;
  stop(): Promise<void>;
}

/** Starts a Node program and waits for its first line on standard output. */
export async function startPart(
  program: string,
  options: {
    readonly cores?: string | undefined;
    readonly env?: Record<string, string>;
    readonly args?: readonly string[];
  } = {},
): Promise<Part> {
  const [command, before] = nodeOn(options.cores);
  const child = spawn(command, [...before, program, ...(options.args ?? [])], {
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const said = await firstLine(child, program);
  return {
    pid: child.pid ?? 0,
    said,
    stop: async () => {
      process.off('exit', end);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function firstLine(child: ChildProcess, program: string): Promise<string> {
  if (child.stdout === null) throw new Error('no standard output');
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${program} ended before it was ready`);
  });
  ended.catch(() => {});
  const [line] = await Promise.race([once(lines, 'line'), ended]);
  return String(line);
}
