/** The agent's line to the service: the stream of orders, hello after each connect, and the reports, all resumed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import {
  type ClocksEvent,
  clocksEvent,
  type HelloAnswer,
  type HostSession,
  type OrderEvent,
  orderEvent,
  sessionEvent,
  silenceMs,
} from '../protocol/agent.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import { backoffMs } from './backoff.ts';
import { within } from './deadline.ts';
import type { Reports } from './reports.ts';
import { faultLine, type Service, ServiceFault } from './service.ts';
import { EventStreamParser, type ServerEvent } from './sse.ts';

export interface LinkParts {
  readonly host: string;
  readonly boot: string;
  readonly world: World;
  readonly log: Log;
  readonly service: Service;
  readonly reports: Reports;
  /** Ids of the sessions that the agent holds for live. */
  knownSessions(): string[];
  /** `sent` are the ids that hello named: what is opened meanwhile may be missing on either side. */
  onHello(answer: HelloAnswer, sent: readonly string[]): void;
  onOrder(order: OrderEvent): void;
  onClocks(clocks: ClocksEvent): void;
  /** A daemon began a session and named its process. */
  onSession(session: HostSession): void;
  /** Every pending order has been received and hello was answered. */
  onReady(): void;
  /** The service took these reports; `unknown` are sessions that it has never heard of, or holds for ended. */
  onReported(gone: readonly string[], unknown: readonly string[]): void;
}

const reportTimeoutMs = 10_000;
/** Said even when there is nothing to say: the service takes a host that is silent for a lease as out of reach. */
const signOfLifeMs = 8_000;

export class Link {
  readonly #parts: LinkParts;
  readonly #stop = new AbortController();
  #leaseMs = 0;
  /** What hello said: whether this machine may speak for its host name. Undefined until it was answered. */
  #welcome: boolean | undefined;
  #stream = new AbortController();
  #ready = false;
  #readyAt: number | undefined;
  #loops: Promise<unknown> = Promise.resolve();
  #news: () => void = () => {};

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.reports.onNews(() => this.#news());
    this.#loops = Promise.all([this.#keepStream(), this.#keepReporting()]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#news();
    await this.#loops;
  }

  /**
   * Whether logoff orders reach this host: only then may anybody log in. Without, a session could be opened that no
   * order can end.
   */
  inTouch(): boolean {
    if (!this.#welcome) return false;
    if (this.#ready) return true;
    return this.#readyAt !== undefined && this.#parts.world.monotonicMs() - this.#readyAt < this.#leaseMs;
  }

  async #keepStream(): Promise<void> {
    const { log, world } = this.#parts;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      const wasReady = await this.#keepOne().catch((error: unknown) => {
        if (!this.#stop.signal.aborted) log.warn({ error: faultLine(error) }, 'the stream of orders broke');
        return false;
      });
      failures = wasReady || this.#ready ? 0 : failures + 1;
      if (this.#ready) this.#readyAt = world.monotonicMs();
      this.#ready = false;
      await this.#pause(backoffMs(failures, world.random(1)[0] ?? 0));
    }
  }

  /** One connection, from its request to its end. */
  async #keepOne(): Promise<boolean> {
    const cut = new AbortController();
    this.#stream = cut;
    const stop = () => cut.abort(this.#stop.signal.reason);
    this.#stop.signal.addEventListener('abort', stop, { once: true });
    let silence = setTimeout(() => cut.abort(new Error('silence')), silenceMs);
    try {
      // A stream is a sign of life of its host: after a refusal it would keep a dead namesake in possession.
      if (this.#welcome === false) await this.#hello(cut.signal);
      const pieces = this.#parts.service.orders(this.#parts.host, cut.signal);
      await pieces.next();
      const greeted = this.#hello(cut.signal).catch((error: unknown) => cut.abort(error));
      const parser = new EventStreamParser();
      for await (const piece of pieces) {
        clearTimeout(silence);
        silence = setTimeout(() => cut.abort(new Error('silence')), silenceMs);
        for (const event of parser.feed(piece)) await this.#take(event, greeted, cut.signal);
      }
      return this.#ready;
    } finally {
      clearTimeout(silence);
      this.#stop.signal.removeEventListener('abort', stop);
      cut.abort();
    }
  }

  /** Compares notes with the service out of turn: an open was asked and its answer never came. */
  async compareNotes(): Promise<void> {
    if (this.#ready) await this.#hello(this.#stop.signal);
  }

  async #hello(signal: AbortSignal): Promise<void> {
    const { host, boot, service } = this.#parts;
    const sessions = this.#parts.knownSessions();
    const greeting = { host, boot_id: boot, version, sessions };
    const answer = await within(reportTimeoutMs, signal, (timed) => service.hello(greeting, timed)).catch(
      (error: unknown) => this.#unwelcome(error),
    );
    this.#welcome = true;
    this.#news();
    this.#leaseMs = answer.lease_seconds * 1000;
    this.#parts.onHello(answer, sessions);
  }

  /** Two machines of one name would carry out and report each other's sessions: the one that comes second keeps still. */
  #unwelcome(error: unknown): never {
    if (error instanceof ServiceFault && error.status === 409) {
      this.#welcome = false;
      this.#stream.abort(error);
      this.#parts.log.error(
        { boot: this.#parts.boot },
        'another machine speaks under the name of this host (GATEHOUSE_HOST): nobody can log in here until it is silent; just after a restart it was this one, and it takes a lease',
      );
    }
    throw error;
  }

  async #take(event: ServerEvent, greeted: Promise<void>, signal: AbortSignal): Promise<void> {
    // Before hello was answered the orders may be another machine's.
    await greeted;
    if (signal.aborted) return;
    if (event.event === 'order') this.#parts.onOrder(orderEvent.parse(JSON.parse(event.data)));
    if (event.event === 'session') this.#parts.onSession(sessionEvent.parse(JSON.parse(event.data)));
    if (event.event === 'clocks') this.#parts.onClocks(clocksEvent.parse(JSON.parse(event.data)));
    if (event.event !== 'ready') return;
    this.#ready = true;
    this.#parts.onReady();
  }

  async #keepReporting(): Promise<void> {
    const { log, reports, world } = this.#parts;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      if (!this.#welcome || reports.next() === undefined) await this.#newsWithin(signOfLifeMs);
      if (this.#stop.signal.aborted) return;
      // In the name of its host only: an empty report too would keep a dead namesake alive.
      if (!this.#welcome) continue;
      const fault = await this.#report().catch((error: unknown) => error);
      failures = fault === undefined ? 0 : failures + 1;
      if (fault === undefined) continue;
      log.warn({ error: faultLine(fault), failures }, 'reports were not taken; they are sent again');
      await this.#pause(backoffMs(failures, world.random(1)[0] ?? 0));
    }
  }

  async #report(): Promise<undefined> {
    const { host, reports, service } = this.#parts;
    const batch = reports.next() ?? { seen: [], gone: [], receipts: [] };
    const answer = await within(reportTimeoutMs, this.#stop.signal, (timed) =>
      service.reports({ host, ...batch }, timed),
    );
    reports.accepted(batch);
    this.#parts.onReported(
      batch.gone.map((gone) => gone.session_id),
      answer.unknown,
    );
    return undefined;
  }

  /** Resolves when there is something to report, and after `ms` at the latest. */
  #newsWithin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#news = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}
