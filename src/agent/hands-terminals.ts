/** The hands that write on terminals of sessions. */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { statOf, uidsOf } from './hands-processes.ts';
import { ptsNumber } from './proc-text.ts';

/** Terminals looked for among so many processes, and written on at most: whoever forks without end delays no end. */
const mostMembers = 200;
const mostTerminals = 8;

const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

/**
 * A line on the pseudo terminals of these processes, as wall(1) writes it; never waits for one that nobody reads. A
 * terminal of another user than its process is not written on: numbers of a container's own terminals mean others here.
 * @param text one line of plain ASCII
 * @returns whether anything was written
 */
export function sayOnTerminals(pids: readonly number[], text: string): boolean {
  const told = new Set<number>();
  let written = false;
  for (const pid of pids.slice(0, mostMembers)) {
    if (told.size >= mostTerminals) break;
    const stat = statOf(pid);
    const pts = stat && ptsNumber(stat.tty);
    if (pts === undefined || told.has(pts)) continue;
    const done = write(`/dev/pts/${pts}`, uidsOf(pid), `\r\n${text}\r\n`);
    if (done) told.add(pts);
    written ||= done;
  }
  return written;
}

function write(path: string, uids: readonly number[], text: string): boolean {
  let terminal: number | undefined;
  try {
    terminal = openSync(path, flags);
    const facts = fstatSync(terminal);
    return facts.isCharacterDevice() && uids.includes(facts.uid) && writeSync(terminal, text) > 0;
  } catch {
    // Hung up, or full because its client reads nothing: the session is ended all the same.
    return false;
  } finally {
    if (terminal !== undefined) closeSync(terminal);
  }
}
