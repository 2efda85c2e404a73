/** Plays the PAM module against the agent, over a real socket. */
import { connect, type Socket } from 'node:net';
import { formatMessage, macFor, parseGreeting, parseMessage } from '../../../src/protocol/pam.ts';

export interface Peer {
  readonly socket: Socket;
  /** Everything received so far. */
  received(): string;
  until(holds: (text: string) => boolean): Promise<string>;
  closed: Promise<void>;
}

export async function knock(port: number): Promise<Peer> {
  const socket = connect({ port, host: '127.0.0.1' });
  let text = '';
  socket.on('data', (piece) => {
    text += piece.toString('latin1');
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const until = async (holds: (text: string) => boolean) => {
    let over = false;
    void closed.then(() => {
      over = true;
    });
    while (!holds(text)) {
      if (over) throw new Error(`closed after ${JSON.stringify(text)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return text;
  };
  return { socket, received: () => text, until, closed };
}

/** Proves the key and checks the agent's proof. */
export async function shakeHands(port: number, key: Buffer): Promise<Peer> {
  const peer = await knock(port);
  const greeting = await peer.until((text) => text.endsWith('\n'));
  const nonceA = parseGreeting(greeting) ?? '';
  const nonceM = 'ab'.repeat(32);
  peer.socket.write(`${nonceM} ${macFor('pam', key, nonceA, nonceM)}\n`);
  const text = await peer.until((all) => all.length > greeting.length && all.endsWith('\n'));
  if (text.slice(greeting.length) !== `${macFor('agent', key, nonceM, nonceA)}\n`)
    throw new Error('a false agent');
  return peer;
}

/** One whole question and its answer. */
export async function ask(
  port: number,
  key: Buffer,
  fields: Record<string, string | number | undefined>,
): Promise<Readonly<Record<string, string>>> {
  const peer = await shakeHands(port, key);
  const before = peer.received().length;
  peer.socket.write(formatMessage(fields));
  await peer.closed;
  const parsed = parseMessage(peer.received().slice(before));
  if (!parsed.ok) throw new Error(`${parsed.fault}: ${peer.received().slice(before)}`);
  return parsed.fields;
}
