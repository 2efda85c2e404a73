/** The hands that ask a daemon's own program who is in. It is run only where the daemon runs, and never for long. */
import { execFile } from 'node:child_process';
import type { Door, FoundSession, ProcessRow } from './doors/index.ts';

const options = {
  timeout: 5_000,
  killSignal: 'SIGKILL',
  maxBuffer: 16 * 1024 * 1024,
  env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin' },
} as const;

/** What the program of a door lists; nothing where it is missing, fails or takes too long. */
export function listedBy(door: Door, rows: readonly ProcessRow[]): Promise<FoundSession[]> {
  const { list } = door;
  if (list === undefined || !rows.some(list.serves)) return Promise.resolve([]);
  const [program, ...args] = list.command;
  return new Promise((resolve) => {
    execFile(program, args, options, (error, output) => resolve(error ? [] : list.read(output, rows)));
  });
}
