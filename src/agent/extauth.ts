/**
 * Where Pure-FTPd asks: one login a connection, answered and closed. It waits without any deadline of its own, and takes
 * silence for a user that it does not know, whom its next backend might let in: so everything is answered, with a no
 * wherever there is no clear yes. The socket is root's alone, and so are those who ask.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { UnixIds } from '../domain/unix-ids.ts';
import type { Log } from '../log.ts';
import {
  type ExtauthRequest,
  extauthAllowed,
  extauthDenied,
  isExtauthEnd,
  maxExtauthBytes,
  parseExtauth,
} from '../protocol/extauth.ts';
import type { World } from '../world.ts';
import { within } from './deadline.ts';
import { changeableAbove, onlyOwn, removeDeadSocket } from './hands-files.ts';
import { BadPeer, readUntil } from './read-until.ts';
import { TurnedAway } from './turned-away.ts';

export interface ExtauthParts {
  /** Of the socket. */
  readonly path: string;
  readonly world: World;
  readonly log: Log;
  /** Whose files the login may use; undefined, or a throw: it is not let in. `socket`: the process that asks. */
  answer(asked: ExtauthRequest, socket: Socket, signal: AbortSignal): Promise<UnixIds | undefined>;
  onAnswered?(verdict: 'allow' | 'deny'): void;
  onTurnedAway?(): void;
}

const requestWithinMs = 2_000;
const answerWithinMs = 4_500;
/** Until Pure-FTPd closes its end, too. */
const goodbyeMs = 2_000;
const mostConnections = 512;

export class ExtauthServer {
  readonly #parts: ExtauthParts;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #turnedAway: TurnedAway;

  constructor(parts: ExtauthParts) {
    this.#parts = parts;
    this.#turnedAway = new TurnedAway(parts);
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Rejects when somebody else listens there, and when others could put a socket of their own in its place. */
  async listen(): Promise<void> {
    const { path } = this.#parts;
    const open = changeableAbove(path);
    if (open !== undefined)
      throw new Error(`${open} can be changed by others than root: no place for ${path}`);
    await removeDeadSocket(path);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ path, backlog: 511 }, resolve);
    });
    onlyOwn(path);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) leave(socket, extauthDenied);
    await closed;
  }

  #accept(socket: Socket): void {
    const gone = new AbortController();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      gone.abort(new Error('Pure-FTPd went away'));
      this.#open.delete(socket);
    });
    if (this.#open.size >= mostConnections) {
      this.#turnedAway.one(this.#open.size);
      leave(socket, extauthDenied);
      return;
    }
    this.#open.add(socket);
    void this.#converse(socket, gone.signal).then((reply) => leave(socket, reply));
  }

  /** The whole reply. Never throws. */
  async #converse(socket: Socket, gone: AbortSignal): Promise<string> {
    const { log, onAnswered } = this.#parts;
    try {
      const asked = parseExtauth(await readUntil(socket, requestWithinMs, maxExtauthBytes, isExtauthEnd));
      if (asked === undefined) throw new BadPeer('not a question');
      const unix = await within(answerWithinMs, gone, (signal) => this.#parts.answer(asked, socket, signal));
      const verdict = unix === undefined ? 'deny' : 'allow';
      log.info({ login: asked.account, verdict }, 'Pure-FTPd');
      onAnswered?.(verdict);
      return unix === undefined ? extauthDenied : extauthAllowed(unix);
    } catch (error) {
      log.warn(
        { fault: error instanceof Error ? error.message : String(error) },
        'a login at Pure-FTPd was denied',
      );
      onAnswered?.('deny');
      return extauthDenied;
    }
  }
}

function leave(socket: Socket, reply: string): void {
  if (socket.writable) socket.end(reply);
  // What is sent later is not read, and must not hold the end back.
  socket.resume();
  setTimeout(() => socket.destroy(), goodbyeMs).unref();
}
