/** Knocks at the agent's own door as the PAM module does: whether somebody answers, and whether it is ours. */
import { connect, type Socket } from 'node:net';
import { counterProofLength, greetingLength, macFor, nonceBytes, parseGreeting } from '../protocol/pam.ts';
import type { World } from '../world.ts';

const withinMs = 3_000;

/** Undefined when the agent answers and proves the key; else what is wrong, in plain words. Asks it nothing. */
export async function pamDoorFault(address: string, key: Buffer, world: World): Promise<string | undefined> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(address.slice(colon + 1)) });
  socket.setTimeout(withinMs, () => socket.destroy(new Error('silence')));
  try {
    const nonceA = parseGreeting(await read(socket, greetingLength));
    if (nonceA === undefined) return `something else than the agent answers on ${address}`;
    const nonceM = world.random(nonceBytes).toString('hex');
    socket.write(`${nonceM} ${macFor('pam', key, nonceA, nonceM)}\n`);
    const proof = await read(socket, counterProofLength);
    const expected = `${macFor('agent', key, nonceM, nonceA)}\n`;
    return proof === expected ? undefined : `what answers on ${address} does not know the key of this host`;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `nobody answers the PAM module on ${address} (${why}): does gatehouse-agent run, with the same key?`;
  } finally {
    socket.destroy();
  }
}

function read(socket: Socket, length: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const done = (settle: () => void) => {
      socket.off('data', take).off('error', fail).off('close', closed);
      settle();
    };
    const take = (piece: Buffer) => {
      text += piece.toString('latin1');
      if (text.length >= length) done(() => resolve(text.slice(0, length)));
    };
    const fail = (error: Error) => done(() => reject(error));
    const closed = () => done(() => reject(new Error('it hung up')));
    socket.on('data', take).on('error', fail).on('close', closed);
  });
}
