/** Where the PAM module asks: one question a connection, and nothing before both sides proved the key. */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Log } from '../log.ts';
import {
  formatGreeting,
  formatMessage,
  isTerminated,
  macFor,
  maxMessageBytes,
  nonceBytes,
  type PamAnswer,
  type PamRequest,
  pamRequest,
  parseMessage,
  parseProof,
  proofLength,
} from '../protocol/pam.ts';
import type { World } from '../world.ts';
import { within } from './deadline.ts';
import { BadPeer, readUntil } from './read-until.ts';
import { TurnedAway } from './turned-away.ts';

export interface PamServerParts {
  readonly key: Buffer;
  readonly world: World;
  readonly log: Log;
  answer(asked: PamRequest, signal: AbortSignal): Promise<PamAnswer>;
  onAnswered?(ask: PamRequest['ask'], verdict: PamAnswer['verdict']): void;
  /** A question found no room: the module hears nothing, and denies. */
  onTurnedAway?(): void;
}

const proofWithinMs = 2_000;
const questionWithinMs = 2_000;
/** Below the module's own deadline of 5 s, so that it hears an answer rather than a silence. */
const answerWithinMs = 4_500;
/** Strangers without the key; when one more comes, the one that has been silent longest goes. */
const mostStrangers = 64;
const mostConnections = 512;

export class PamServer {
  readonly #parts: PamServerParts;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #strangers = new Set<Socket>();
  readonly #turnedAway: TurnedAway;

  constructor(parts: PamServerParts) {
    this.#parts = parts;
    this.#turnedAway = new TurnedAway(parts);
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Listens on `address:port`; resolves to the port. Rejects when somebody else holds it. */
  listen(address: string): Promise<number> {
    const colon = address.lastIndexOf(':');
    const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port: Number(address.slice(colon + 1)), backlog: 511 }, () => {
        const bound = this.#server.address();
        resolve(typeof bound === 'object' && bound ? bound.port : 0);
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#open.size >= mostConnections) {
      socket.destroy();
      this.#turnedAway.one(this.#open.size);
      return;
    }
    this.#open.add(socket);
    this.#strangers.add(socket);
    const [longest] = this.#strangers;
    if (this.#strangers.size > mostStrangers) longest?.destroy();
    const gone = new AbortController();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      gone.abort(new Error('the module went away'));
      this.#open.delete(socket);
      this.#strangers.delete(socket);
    });
    this.#converse(socket, gone.signal).catch((error: unknown) => {
      if (error instanceof BadPeer)
        this.#parts.log.warn({ fault: error.message }, 'dropped a peer of the PAM link');
      socket.destroy();
    });
  }

  async #converse(socket: Socket, gone: AbortSignal): Promise<void> {
    const { key, world, log } = this.#parts;
    const nonce = world.random(nonceBytes).toString('hex');
    socket.write(formatGreeting(nonce));
    const proof = parseProof(
      await readUntil(socket, proofWithinMs, proofLength, (text) => text.length >= proofLength),
    );
    if (!proof) throw new BadPeer('no proof');
    if (!sameText(proof.mac, macFor('pam', key, nonce, proof.nonce))) throw new BadPeer('wrong proof');
    this.#strangers.delete(socket);
    socket.write(`${macFor('agent', key, proof.nonce, nonce)}\n`);
    const message = parseMessage(await readUntil(socket, questionWithinMs, maxMessageBytes, isTerminated));
    if (!message.ok) throw new BadPeer(message.fault);
    const asked = pamRequest.safeParse(message.fields);
    // Never the issues of the parse: they may quote what was sent, and that may be a password.
    if (!asked.success) throw new BadPeer('not a question');
    const answer = await this.#answer(asked.data, gone);
    log.info(
      { ask: asked.data.ask, login: asked.data.login, store: asked.data.store, verdict: answer.verdict },
      'pam',
    );
    this.#parts.onAnswered?.(asked.data.ask, answer.verdict);
    socket.end(formatMessage(answer));
    setTimeout(() => socket.destroy(), questionWithinMs).unref();
  }

  /** `answer` never throws; one that hangs is taken for no decision. */
  #answer(asked: PamRequest, gone: AbortSignal): Promise<PamAnswer> {
    return within(answerWithinMs, gone, (signal) => this.#parts.answer(asked, signal)).catch(() => ({
      verdict: 'unavailable',
    }));
  }
}

function sameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
