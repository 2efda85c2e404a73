/** SFTPGo's REST API: lists its connections, ends one, and looks again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalLogin } from '../domain/login.ts';
import type { Secret } from '../domain/secret.ts';
import { canonicalAddress } from '../domain/source.ts';
import { connectionsAnswer, type SftpgoConnection, sftpgoDoor } from '../protocol/sftpgo.ts';
import type { FarSession, Told, Way } from './disconnector.ts';

export interface Sftpgo {
  /** Without a slash at the end. */
  readonly url: string;
  readonly apiKey: Secret;
}

const timeoutMs = 5_000;
/** It closes a connection in the background: so often it is looked for again, this far apart. */
const looks = 10;
const lookEveryMs = 200;

export function wayToSftpgo(sftpgo: Sftpgo): Way {
  return async (session, siblings) => {
    try {
      return await end(sftpgo, session, siblings);
    } catch (error) {
      const status =
        error instanceof StatusFault ? `SFTPGo answers ${error.message}` : 'SFTPGo does not answer';
      return { state: 'unreachable', detail: status };
    }
  };
}

async function end(sftpgo: Sftpgo, session: FarSession, siblings: readonly FarSession[]): Promise<Told> {
  const mine = connectionOf(await list(sftpgo), session, siblings);
  if (mine === undefined) return { state: 'absent', detail: 'SFTPGo lists no connection of this session' };
  const node = mine.node ? `?node=${encodeURIComponent(mine.node)}` : '';
  const path = `/api/v2/connections/${encodeURIComponent(mine.connection_id)}${node}`;
  await ask(sftpgo, 'DELETE', path, [200, 404]);
  for (let look = 0; look < looks; look++) {
    const left = await list(sftpgo);
    if (!left.some((each) => each.connection_id === mine.connection_id))
      return { state: 'ended', detail: 'SFTPGo ended it, and lists it no more' };
    await sleep(lookEveryMs);
  }
  return { state: 'not_proven', detail: 'SFTPGo was told to end it, and still lists it' };
}

/**
 * The connection of a session. SFTPGo's hooks have no name for one, so those of the same login, protocol and address
 * are paired with their sessions by when they began, nearest first: each connection is one session's.
 */
export function connectionOf(
  connections: readonly SftpgoConnection[],
  session: FarSession,
  siblings: readonly FarSession[],
): SftpgoConnection | undefined {
  const fitting = connections.filter((each) => fits(each, session));
  const pairs = fitting
    .flatMap((connection) =>
      siblings.map(({ id, openedAt }) => ({
        id,
        connection,
        apart: Math.abs(openedAt - connection.connection_time),
      })),
    )
    .sort((a, b) => a.apart - b.apart);
  const taken = new Set<string>();
  for (const { id, connection } of pairs) {
    if (taken.has(id) || taken.has(connection.connection_id)) continue;
    if (id === session.id) return connection;
    taken.add(id).add(connection.connection_id);
  }
  return undefined;
}

function fits(each: SftpgoConnection, { login, channel, sourceIp }: FarSession): boolean {
  const from = canonicalAddress(each.remote_address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
  return (
    canonicalLogin(each.username) === login &&
    sftpgoDoor(each.protocol)?.channel === channel &&
    (sourceIp === null || from === sourceIp)
  );
}

async function list(sftpgo: Sftpgo): Promise<SftpgoConnection[]> {
  const answer = await ask(sftpgo, 'GET', '/api/v2/connections', [200]);
  return connectionsAnswer.parse(await answer.json());
}

class StatusFault extends Error {}

async function ask(
  { url, apiKey }: Sftpgo,
  method: string,
  path: string,
  expected: readonly number[],
): Promise<Response> {
  const answer = await fetch(url + path, {
    ...{ method, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) },
    headers: { 'x-sftpgo-api-key': apiKey.reveal(), accept: 'application/json' },
  });
  if (expected.includes(answer.status)) return answer;
  await answer.body?.cancel();
  throw new StatusFault(String(answer.status));
}
