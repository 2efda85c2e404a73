/** The agent's end of the PAM link for tests: a script says how one connection goes, honestly or not. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  formatGreeting,
  isTerminated,
  macFor,
  type PamRequest,
  pamRequest,
  parseMessage,
  parseProof,
  proofLength,
} from '../../src/protocol/pam.ts';

export const key = createHash('sha256').update('the key of these tests').digest();
export const nonceA = createHash('sha256').update('nonce').digest('hex');

/** What a script can do with its connection. */
export class Peer {
  /** Every byte that ever came, as latin1. */
  received = '';
  private readonly socket: Socket;
  private wake = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1');
      this.wake();
    });
    socket.on('error', () => {}); // a module that hangs up on a liar is what the tests want
  }

  say(text: string): void {
    this.socket.write(text, 'latin1');
  }

  close(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  async until(ready: (text: string) => boolean): Promise<void> {
    while (!ready(this.received)) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  async drip(text: string, everyMs: number): Promise<void> {
    for (const character of text) {
      if (this.socket.destroyed) return;
      this.say(character);
      await sleep(everyMs);
    }
  }
}

export type Script = (peer: Peer, fake: Fake) => Promise<void>;

/** Greets, checks the module's proof, and returns its nonce. */
export async function greet(peer: Peer): Promise<string> {
  peer.say(formatGreeting(nonceA));
  await peer.until((text) => text.length >= proofLength);
  const proof = parseProof(peer.received.slice(0, proofLength));
  if (proof === undefined || proof.mac !== macFor('pam', key, nonceA, proof.nonce)) {
    throw new Error('the module did not prove the key');
  }
  return proof.nonce;
}

/** Greets and proves the key. */
export async function prove(peer: Peer): Promise<void> {
  const nonceM = await greet(peer);
  peer.say(`${macFor('agent', key, nonceM, nonceA)}\n`);
}

/** The whole honest handshake, and the question that follows it. */
export async function question(peer: Peer): Promise<PamRequest> {
  await prove(peer);
  await peer.until((text) => isTerminated(text.slice(proofLength)));
  const parsed = parseMessage(peer.received.slice(proofLength));
  if (!parsed.ok) throw new Error(`the module sent what is no message: ${parsed.fault}`);
  return pamRequest.parse(parsed.fields);
}

/** Handshake and question as they should be, then these bytes. */
export const answering =
  (answer: string): Script =>
  async (peer) => {
    await question(peer);
    peer.say(answer);
    peer.close();
  };

export interface Fake {
  readonly port: number;
  readonly peers: Peer[];
  /** The fields of each connection's question so far; empty where none came. */
  requests(): Record<string, string>[];
  /** Called at each accept: the moment to look at the connected process from outside. */
  look: () => void;
  /** The process that asks. */
  pid: number | undefined;
  close(): void;
}

/** Listens on a free loopback port and runs the script on every connection. */
export async function startFake(script: Script): Promise<Fake> {
  const sockets: Socket[] = [];
  const peers: Peer[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    const peer = new Peer(socket);
    peers.push(peer);
    fake.look();
    script(peer, fake).catch((fault: unknown) => peer.say(`fault in the fake: ${String(fault)}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: Fake = {
    port: (server.address() as AddressInfo).port,
    peers,
    requests: () =>
      peers.map((peer) => {
        const parsed = parseMessage(peer.received.slice(proofLength));
        return parsed.ok ? { ...parsed.fields } : {};
      }),
    look: () => {},
    pid: undefined,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return fake;
}
