/** The hands that find the process in front of the one that asks PAM, and the client by the connection that it holds. */
import { doorOf } from './doors/index.ts';
import { socketsFor } from './hands-activity.ts';
import { isLive, isOfThisHost, rowOf, socketInodesOf } from './hands-processes.ts';
import type { Source } from './source-address.ts';

export interface FrontProcess {
  readonly pid: number;
  readonly start: string;
}

/** Whether the door of this channel has a process in front of the one that asks. */
export const isFronted = (channel: string): boolean => doorOf(channel)?.fronts !== undefined;

/** Undefined where its parent is no such daemon, or not of this host. */
export function frontOf(channel: string, pid: number): FrontProcess | undefined {
  const asking = rowOf(pid);
  const parent = asking && rowOf(asking.parent);
  if (!asking || !parent || !doorOf(channel)?.fronts?.(parent)) return undefined;
  // Parenthood is read once more: a number that was given again in between is another's.
  const still = rowOf(pid);
  const same = still?.start === asking.start && still.parent === parent.pid && isLive(parent);
  if (!same || !isOfThisHost(pid) || !isOfThisHost(parent.pid)) return undefined;
  return { pid: parent.pid, start: parent.start };
}

/** The client as the kernel knows it; nothing where that is not certain: no connection, or several clients. */
export async function clientBehind(front: FrontProcess, signal: AbortSignal): Promise<Source> {
  const sockets = await socketsFor(signal);
  const held = socketInodesOf(front.pid).flatMap((inode) => sockets?.get(inode) ?? []);
  const [first] = held;
  const alone = held.every(({ peer, peerPort }) => peer === first?.peer && peerPort === first.peerPort);
  return first && alone && isLive(front) ? { ip: first.peer, port: first.peerPort } : {};
}
