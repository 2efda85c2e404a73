/** Starts programs for a test and ends them by their pids, also when the test fails half-way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Program {
  readonly pid: number;
  /** All that it said so far, on both streams. */
  said(): string;
  /** Waits until it has said something that matches. */
  says(pattern: RegExp, ms?: number): Promise<RegExpMatchArray>;
  /** Resolves with the exit code, or the signal's name. */
  readonly over: Promise<number | string>;
  /** ms since 1970 when it was over; undefined while it runs. */
  overAt(): number | undefined;
  /** To its standard input; `last` closes it. */
  write(text: string, last?: boolean): void;
  end(signal?: NodeJS.Signals): Promise<void>;
}

const running = new Set<ChildProcess>();

export function start(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Program {
  const child = spawn(command, args, {
    env: options.env ?? process.env,
    cwd: options.cwd ?? '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  let said = '';
  let overAt: number | undefined;
  child.stdin.on('error', () => {});
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      said += piece.toString('utf8');
    });
  }
  const over = new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(String(error)));
    child.on('exit', (code, signal) => {
      overAt = Date.now();
      running.delete(child);
      resolve(code ?? signal ?? 'unknown');
    });
  });
  const says = (pattern: RegExp, ms = 15_000) =>
    until(
      () => said.match(pattern),
      `${command} to say ${pattern}; it said: ${said.slice(-2000)}`,
      ms,
      () => said,
    );
  return {
    pid: child.pid ?? 0,
    said: () => said,
    says,
    over,
    overAt: () => overAt,
    write: (text, last = false) => {
      child.stdin.write(text);
      if (last) child.stdin.end();
    },
    end: async (signal = 'SIGTERM') => {
      if (overAt !== undefined) return;
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), 8_000);
      await over;
      clearTimeout(late);
    },
  };
}

/** The net below every `end`: whatever a failed test left running. */
export async function endAll(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  await sleep(50);
}

/** Polls until `look` finds something; fails with what it was waiting for. */
export async function until<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  what: string,
  ms = 15_000,
  context: () => string = () => '',
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}\n${context().slice(-3000)}`);
    await sleep(15);
  }
}

export { freePort } from '../../support/free-port.ts';
