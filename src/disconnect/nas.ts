/** Disconnect-Requests (RFC 5176) to a NAS, over UDP: sent again a few times, believed only with the shared secret. */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Secret } from '../domain/secret.ts';
import { nasNames } from '../protocol/radius.ts';
import { type DisconnectAnswer, disconnectAnswer, disconnectRequest } from '../protocol/radius-packet.ts';
import type { World } from '../world.ts';
import type { Told, Way } from './disconnector.ts';

export interface Nas {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  readonly secret: Secret;
}

/** How long each sending waits for its answer, in ms; the same packet is sent each time (RFC 5176 2.3). */
const patience = [1000, 2000, 4000];
const sessionNotFound = 503;

export function wayToNas(nas: Nas, world: World): Way {
  return async ({ id, ref, login }) => {
    const { userName = login, acctSessionId } = nasNames(ref);
    const names = { userName, ...(acctSessionId === undefined ? { class: id } : { acctSessionId }) };
    const identifier = world.random(1)[0] ?? 0;
    const request = disconnectRequest(names, identifier, world.now().getTime(), nas.secret.reveal());
    const answer = await exchange(nas, request);
    if (typeof answer === 'string') return { state: 'unreachable', detail: answer };
    return told(answer, acctSessionId !== undefined);
  };
}

/** `begun`: its accounting told of the session, so that it once knew it. */
function told(answer: DisconnectAnswer, begun: boolean): Told {
  if (answer.kind === 'ack') return { state: 'ended', detail: 'the NAS ended it (Disconnect-ACK)' };
  if (answer.cause === sessionNotFound)
    return {
      state: begun ? 'ended' : 'absent',
      detail: 'the NAS knows no such session (Disconnect-NAK 503)',
    };
  const cause = answer.cause === undefined ? '' : ` ${answer.cause}`;
  return { state: 'not_proven', detail: `the NAS refuses to end it (Disconnect-NAK${cause})` };
}

/** The answer, or why there is none. A socket for each request: what comes to it can only be about that one. */
function exchange({ address, port, secret }: Nas, request: Buffer): Promise<DisconnectAnswer | string> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    let timer: NodeJS.Timeout | undefined;
    let over = false;
    const finish = (outcome: DisconnectAnswer | string) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      socket.close();
      resolve(outcome);
    };
    const send = (tries: number) => {
      const wait = patience[tries];
      if (wait === undefined) return finish('the NAS does not answer');
      socket.send(request);
      timer = setTimeout(() => send(tries + 1), wait);
    };
    socket.on('error', () => finish('the NAS is not listening there'));
    socket.on('message', (bytes) => {
      const answer = disconnectAnswer(bytes, request, secret.reveal());
      if (answer !== undefined) finish(answer);
    });
    // Connected: the kernel takes datagrams of this peer alone, and tells when its port is closed.
    socket.connect(port, address, () => send(0));
  });
}
