/** Where the client of a question is. */
import { channelNamed } from '../domain/channels/index.ts';
import type { PamRequest } from '../protocol/pam.ts';
import { clientBehind, frontOf } from './hands-front.ts';
import { type Source, sourceOf } from './source-address.ts';

type Asking = Pick<PamRequest, 'channel' | 'pid' | 'rhost' | 'ssh_connection'>;

/**
 * As the daemon says. At a door for loopback alone the kernel is asked instead, by the connection of the process in
 * front: whoever owns an address chooses its name, `localhost` or one that reads like an address. Nothing where that is
 * not known, which such a door refuses.
 */
export async function clientOf(
  { channel, pid, rhost, ssh_connection }: Asking,
  signal: AbortSignal,
): Promise<Source> {
  if (channelNamed(channel)?.loopbackOnly !== true) return sourceOf(rhost, ssh_connection);
  const front = frontOf(channel, pid);
  return front === undefined ? {} : clientBehind(front, signal);
}
