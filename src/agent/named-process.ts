/**
 * A process that came with a daemon's word for it, over the network. Whoever has that daemon's key could name any
 * process of the host and have it ended: so only one that can be a session of such a daemon is ever touched.
 */
import type { ProcessRef } from '../protocol/agent.ts';
import { doors } from './doors/index.ts';
import { isLive, isOfThisHost, rowOf } from './hands-processes.ts';

/** Undefined when it is gone. */
export function servesAsNamed(process: ProcessRef): boolean | undefined {
  const row = isLive(process) ? rowOf(process.pid) : undefined;
  if (row === undefined) return undefined;
  const parent = rowOf(row.parent);
  const fits = doors.some((door) => door.serves?.(row, parent) === true) && isOfThisHost(process.pid);
  return isLive(process) ? fits : undefined;
}
