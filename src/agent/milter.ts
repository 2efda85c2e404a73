/** Where the mail server asks about each mail before it takes it. A mail waits here for a verdict, and never for long. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Log } from '../log.ts';
import { MilterFault, Packets } from '../protocol/milter.ts';
import type { World } from '../world.ts';
import type { MilterConfig } from './config-shape.ts';
import { within } from './deadline.ts';
import { removeDeadSocket } from './hands-files.ts';
import { askedFor, decide, isStaff, type MailDecision, undecided } from './milter-decision.ts';
import type { MilterMail } from './milter-mail.ts';
import { MilterTalk, type Stage } from './milter-talk.ts';
import { faultLine, isUnjudgeable, type MailQuestion, type MailVerdict } from './service.ts';
import { Slots } from './slots.ts';

export interface MilterParts {
  readonly config: MilterConfig;
  readonly world: World;
  readonly log: Log;
  /** The service's verdict. Throws when there is none. */
  scan(question: MailQuestion, signal: AbortSignal): Promise<MailVerdict>;
  /** Told of each mail: what was found, what becomes of it, and how long that took. */
  onJudged?(verdict: 'flagged' | 'clear' | 'not_judged', deed: MailDecision['deed'], seconds: number): void;
}

const reasonOf = (error: unknown) => (isUnjudgeable(error) ? 'unjudgeable' : 'no_answer');

/** Connections of mail servers; Postfix has one for each of its processes (default_process_limit: 100). */
const mostConnections = 256;
/** Mails before the service at the same time. */
const judgedAtOnce = 8;
/** Mails of more than 256 KB that are held at the same time, 25 MB each at the most. */
const largeAtOnce = 4;
/** From the end of a mail to its verdict; Postfix waits for 300 s (milter_content_timeout). */
const judgedWithinMs = 20_000;
/** From the first header to the end: Postfix tells it in one go, from a file. Waiting for a slot is part of it. */
const contentWithinMs = 120_000;
/** What one mail to many recipients may make the service read. */
const mostAskedBytes = 64 * 1024 * 1024;
const mostAsked = 20;
/** How long mails that are being judged are waited for at a stop. */
const lastMailsMs = 5_000;

/** How long a peer may be silent. Between mails it is a client of the mail server that takes its time to send one. */
const silenceMs: Readonly<Record<Stage, number>> = {
  greeting: 10_000,
  'between mails': 3_600_000,
  'in a mail': 30_000,
  over: 1,
};

const isFlagged = ({ flagged }: MailVerdict) => flagged;

interface Guest {
  readonly socket: Socket;
  readonly talk: MilterTalk;
}

export class MilterServer {
  readonly #parts: MilterParts;
  readonly #server: Server;
  readonly #guests = new Set<Guest>();
  readonly #large = new Slots(largeAtOnce);
  readonly #judging = new Slots(judgedAtOnce);
  #stopping = false;

  constructor(parts: MilterParts) {
    this.#parts = parts;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Resolves to the port; 0 for a socket in the file system. Rejects when somebody else holds the address. */
  async listen(): Promise<number> {
    const { address } = this.#parts.config;
    const path = address.startsWith('unix:') ? address.slice('unix:'.length) : undefined;
    if (path !== undefined) await removeDeadSocket(path);
    const colon = address.lastIndexOf(':');
    const where =
      path === undefined
        ? { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) }
        : // Its folder says who may come in.
          { path, readableAll: true, writableAll: true };
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ ...where, backlog: 511 }, () => {
        const bound = this.#server.address();
        resolve(typeof bound === 'object' && bound ? bound.port : 0);
      });
    });
  }

  /** Mails that are being told or judged are answered first, for a few seconds; the mail server keeps the others. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { socket, talk } of this.#guests) if (talk.stage !== 'in a mail') socket.destroy();
    const late = setTimeout(() => {
      for (const { socket } of this.#guests) socket.destroy();
    }, lastMailsMs);
    await closed;
    clearTimeout(late);
  }

  #accept(socket: Socket): void {
    if (this.#guests.size >= mostConnections || this.#stopping) {
      socket.destroy();
      return;
    }
    const gone = new AbortController();
    const judge = (mail: MilterMail, queueId: string) => this.#judge(mail, queueId, gone.signal);
    const talk = new MilterTalk({ judge, large: this.#large, gone: gone.signal });
    const guest = { socket, talk };
    this.#guests.add(guest);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      gone.abort(new Error('the mail server went away'));
      talk.close();
      this.#guests.delete(guest);
    });
    this.#converse(guest).catch((error: unknown) => {
      if (error instanceof MilterFault)
        this.#parts.log.warn({ fault: error.message }, 'dropped a peer of the milter');
      else if (!gone.signal.aborted) this.#parts.log.error({ err: error }, 'a mail was given up');
      socket.destroy();
    });
  }

  async #converse({ socket, talk }: Guest): Promise<void> {
    const packets = new Packets();
    let content: NodeJS.Timeout | undefined;
    const drop = () => socket.destroy();
    socket.setTimeout(silenceMs.greeting, drop);
    try {
      // A peer that is waited for is not read on: its mails wait in its own queue.
      for await (const piece of socket.iterator({ destroyOnReturn: false })) {
        for (const packet of packets.push(piece as Buffer)) {
          socket.setTimeout(contentWithinMs);
          const answer = await talk.take(packet);
          if (answer) socket.write(answer);
          if (talk.stage === 'in a mail') content ??= setTimeout(drop, contentWithinMs);
          else {
            clearTimeout(content);
            content = undefined;
          }
          if (talk.stage === 'over' || (this.#stopping && talk.stage !== 'in a mail')) {
            return;
          }
        }
        socket.setTimeout(packets.unfinished ? silenceMs['in a mail'] : silenceMs[talk.stage]);
      }
    } finally {
      clearTimeout(content);
      socket.destroySoon();
    }
  }

  async #judge(mail: MilterMail, queueId: string, gone: AbortSignal): Promise<MailDecision> {
    const { config, world, log } = this.#parts;
    const began = world.monotonicMs();
    const ofStaff = isStaff(mail.authenticated, config.staff);
    const outcome = await this.#ask(mail, ofStaff, gone).catch((error: unknown) => ({ error }));
    const decision =
      'error' in outcome
        ? undecided(config.unjudged, reasonOf(outcome.error))
        : decide(outcome.verdicts, ofStaff, config);
    const ms = Math.round(world.monotonicMs() - began);
    const found = 'error' in outcome ? 'not_judged' : outcome.verdicts.some(isFlagged) ? 'flagged' : 'clear';
    this.#parts.onJudged?.(found, decision.deed, ms / 1000);
    // Neither addresses nor anything of the text: the mail server's own log knows the mail by its queue id.
    const line = { queue_id: queueId, bytes: mail.bytes, recipients: mail.recipients.length, ms };
    if ('error' in outcome)
      log.warn(
        { ...line, reason: reasonOf(outcome.error), error: faultLine(outcome.error), deed: decision.deed },
        'a mail was not judged',
      );
    else log.info({ ...line, verdict: decision.header, deed: decision.deed }, 'mail');
    return decision;
  }

  /** All recipients are asked about, or the mail is not judged; but one flag is enough to know what to do. */
  async #ask(mail: MilterMail, ofStaff: boolean, gone: AbortSignal): Promise<{ verdicts: MailVerdict[] }> {
    const raw = mail.raw();
    const asked = askedFor(mail.recipients, Math.min(mostAsked, Math.floor(mostAskedBytes / raw.length)));
    const direction = ofStaff ? 'outbound' : 'inbound';
    return within(judgedWithinMs, gone, async (signal) => {
      const leave = await this.#judging.enter(signal);
      try {
        const verdicts: MailVerdict[] = [];
        let fault: unknown;
        for (const recipient of asked) {
          try {
            verdicts.push(await this.#parts.scan({ raw, recipient, direction }, signal));
          } catch (error) {
            fault = error;
            break;
          }
        }
        if (fault !== undefined && !verdicts.some(isFlagged)) throw fault;
        return { verdicts };
      } finally {
        leave();
      }
    });
  }
}
