/**
 * The agents' streams of orders. What a host still has to carry out stands in the database; a stream only wakes
 * its agent, so a break, a restart or a lost notification loses nothing: the next look finds the same orders.
 */
import type { ServerResponse } from 'node:http';
import type { Ctx } from '../actions/context.ts';
import { begunOn, clocksFor, goodClients, ordersFor } from '../actions/host-orders.ts';
import { log } from '../log.ts';
import { agentsConnected } from '../metrics.ts';
import { beatMs } from '../protocol/agent.ts';

interface Stream {
  readonly host: string;
  readonly clientId: string;
  readonly response: ServerResponse;
  /** When each order was last written here, in monotonic ms. */
  readonly told: Map<string, number>;
  ready: boolean;
}

export interface OrderStreams {
  /** Takes over a response whose caller, that client, may speak for `host`. */
  open(host: string, clientId: string, response: ServerResponse): void;
  /** Orders wait for this host; undefined: for any. */
  wake(host: string | undefined): void;
  /** A daemon began a session, told as `ID HOST`; undefined: some may have begun anywhere. */
  begun(told: string | undefined): void;
  /** The policy changed: every host learns its sessions' clocks. */
  clocksChanged(): void;
  close(): void;
}

/** An order that is still pending is said again after so long. */
const repeatMs = 15_000;
/** A stream that takes nothing is cut: its agent comes back. */
const backlogLimit = 8_000_000;

export function createOrderStreams(enterSystem: () => Ctx, monotonicMs: () => number): OrderStreams {
  const streams = new Set<Stream>();

  function write(stream: Stream, text: string): void {
    if (stream.response.writableLength > backlogLimit) stream.response.destroy();
    else stream.response.write(text);
  }

  async function deliver(host: string): Promise<void> {
    const mine = [...streams].filter((stream) => stream.host === host);
    if (mine.length === 0) return;
    const orders = await ordersFor(enterSystem(), host);
    const now = monotonicMs();
    const events = orders.map((order) => ({
      id: order.session_id,
      text: `event: order\ndata: ${JSON.stringify(order)}\n\n`,
    }));
    const pending = new Set(events.map((event) => event.id));
    for (const stream of mine) {
      for (const id of stream.told.keys()) if (!pending.has(id)) stream.told.delete(id);
      const due = events.filter(({ id }) => now - (stream.told.get(id) ?? -repeatMs) >= repeatMs);
      for (const { id } of due) stream.told.set(id, now);
      const ready = stream.ready ? '' : 'event: ready\ndata: {}\n\n';
      stream.ready = true;
      if (due.length > 0 || ready !== '') write(stream, due.map((event) => event.text).join('') + ready);
    }
  }

  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();

  /** One look at a time a host; what happens meanwhile causes one more. */
  function look(host: string): void {
    if (running.has(host)) {
      again.add(host);
      return;
    }
    const run = deliver(host)
      .catch((error: unknown) =>
        log.warn({ err: error, host }, 'orders could not be read; the next beat tries again'),
      )
      .finally(() => {
        running.delete(host);
        if (again.delete(host)) look(host);
      });
    running.set(host, run);
  }

  async function tellClocks(host: string): Promise<void> {
    const text = `event: clocks\ndata: ${JSON.stringify(await clocksFor(enterSystem(), host))}\n\n`;
    for (const stream of streams) if (stream.host === host) write(stream, text);
  }

  async function tellBegun(host: string, id?: string): Promise<void> {
    if (!hosts().has(host)) return;
    const begun = await begunOn(enterSystem(), host, id);
    const text = begun.map((session) => `event: session\ndata: ${JSON.stringify(session)}\n\n`).join('');
    for (const stream of streams) if (stream.host === host && text !== '') write(stream, text);
  }

  /** A key that was taken back ends its streams within a beat. */
  async function cutRevoked(): Promise<void> {
    if (streams.size === 0) return;
    const good = await goodClients(enterSystem(), [
      ...new Set([...streams].map((stream) => stream.clientId)),
    ]);
    for (const stream of streams) if (!good.has(stream.clientId)) stream.response.destroy();
  }

  const hosts = () => new Set([...streams].map((stream) => stream.host));
  const beat = setInterval(() => {
    for (const stream of streams) write(stream, ': beat\n\n');
    for (const host of hosts()) look(host);
    cutRevoked().catch((error: unknown) => log.warn({ err: error }, 'keys of streams could not be checked'));
  }, beatMs);
  beat.unref();

  return {
    open: (host, clientId, response) => {
      const stream: Stream = { host, clientId, response, told: new Map(), ready: false };
      response.socket?.setNoDelay(true);
      response.socket?.setKeepAlive(true, beatMs);
      streams.add(stream);
      agentsConnected.set(streams.size);
      response.on('close', () => {
        streams.delete(stream);
        agentsConnected.set(streams.size);
      });
      look(host);
    },
    wake: (host) => {
      if (host !== undefined) look(host);
      else for (const each of hosts()) look(each);
    },
    begun: (told) => {
      const [, id, host] = /^(\S+) (.+)$/.exec(told ?? '') ?? [];
      for (const each of host === undefined ? hosts() : [host]) {
        tellBegun(each, id).catch((error: unknown) =>
          log.warn({ err: error, host: each }, 'a session that began could not be told'),
        );
      }
    },
    clocksChanged: () => {
      for (const host of hosts()) {
        tellClocks(host).catch((error: unknown) =>
          log.warn({ err: error, host }, 'clocks could not be told'),
        );
      }
    },
    close: () => {
      clearInterval(beat);
      for (const stream of streams) stream.response.end();
    },
  };
}
