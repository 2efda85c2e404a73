/** A service of the test's own, speaking the agent link over a real socket; every answer can be replaced. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  AccountRequest,
  DoorRequest,
  FactorRequest,
  HelloRequest,
  KeyRequest,
  OpenRequest,
  OrderEvent,
  ProcessRef,
  ReportsRequest,
} from '../../../src/protocol/agent.ts';
import {
  accountRequest,
  doorRequest,
  factorRequest,
  helloRequest,
  keyRequest,
  openRequest,
  reportsRequest,
} from '../../../src/protocol/agent.ts';

type Answer = object | { status: number };
const isStatus = (answer: Answer): answer is { status: number } => 'status' in answer;

export interface TestSession {
  id: string;
  login: string;
  store: string;
  channel: string;
  idle_seconds: number;
  absolute_expires_at: string;
  opened_at: string;
  last_seen_at: string;
  process: ProcessRef | null;
}

export class TestService {
  readonly sessions = new Map<string, TestSession>();
  readonly asked: { path: string; body: unknown }[] = [];
  readonly reports: ReportsRequest[] = [];
  idleSeconds = 600;
  absoluteSeconds = 3600;
  leaseSeconds = 30;
  onChallenge: (body: { challenge_id: string; kind: string; code: string }) => Answer | Promise<Answer> =
    () => ({
      decision: 'deny',
      reason: 'invalid_credentials',
    });
  onFactor: (body: FactorRequest) => Answer = () => ({ decision: 'unknown' });
  onSshKey: (body: KeyRequest) => Answer = () => ({ decision: 'deny' });
  onAuthenticate: (body: { login: string; password?: string }) => Answer | Promise<Answer> = () => ({
    decision: 'allow',
    verified: { credential_id: 'cre_1', epoch: 1 },
  });
  onDoor: (body: DoorRequest) => Answer = () => ({ open: true });
  onAccount: (body: AccountRequest) => Answer = () => ({ decision: 'allow' });
  onOpen: (body: OpenRequest) => Answer | Promise<Answer> = (body) => this.open(body);
  /** Sessions found running are nobody's unless a test says so: the machine has those of other tests, and its own. */
  onAdopt: (body: OpenRequest) => Answer | Promise<Answer> = () => ({ decision: 'unknown' });
  onReports: (body: ReportsRequest) => Answer = (body) => ({
    accepted: body.seen.length + body.gone.length + body.receipts.length,
    unknown: [],
  });
  /** Orders that a new stream begins with. */
  pending: OrderEvent[] = [];
  refuseStreams = false;
  /** Anything but 200 is all that hello is answered. */
  helloStatus = 200;
  /** Streams that were opened, ever. */
  opened = 0;
  readonly #streams = new Set<ServerResponse>();
  #server: Server | undefined;
  #port = 0;
  #next = 1;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** Starts, or comes back on the port that it had. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** The decision that lets a session begin, as the real service gives it. */
  open(body: OpenRequest): object {
    const id = `ses_test${this.#next++}`;
    const now = new Date();
    const session: TestSession = {
      id,
      login: body.login,
      store: body.store,
      channel: body.channel,
      idle_seconds: this.idleSeconds,
      absolute_expires_at: new Date(now.getTime() + this.absoluteSeconds * 1000).toISOString(),
      opened_at: now.toISOString(),
      last_seen_at: now.toISOString(),
      process: body.process,
    };
    this.sessions.set(id, session);
    return { decision: 'allow', session: { ...session, account_id: 'acc_1' } };
  }

  send(event: string, data: object): void {
    for (const stream of this.#streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  order(id: string, process: ProcessRef | null = this.sessions.get(id)?.process ?? null): void {
    this.send('order', { session_id: id, order_id: 'ord_1', reason: 'test', process });
  }

  breakStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  gone(): ReportsRequest['gone'] {
    return this.reports.flatMap((report) => report.gone);
  }

  receipts(): ReportsRequest['receipts'] {
    return this.reports.flatMap((report) => report.receipts);
  }

  seen(): ReportsRequest['seen'] {
    return this.reports.flatMap((report) => report.seen);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.headers.authorization !== 'Bearer ghc_test') return void response.writeHead(401).end();
    if (path === '/v1/agent/orders') return this.#stream(response);
    const body: unknown = JSON.parse(await textOf(request));
    // What is asked about other tests' daemons is none of this test's business.
    const adopted = typeof body === 'object' && body !== null && 'adopted' in body;
    if (!adopted) this.asked.push({ path, body });
    const answer = await this.#answer(path, body);
    if (isStatus(answer)) return void response.writeHead(answer.status).end('{}');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #answer(path: string, body: unknown): Answer | Promise<Answer> {
    if (path === '/v1/authenticate') return this.onAuthenticate(body as { login: string });
    if (path === '/v1/authenticate/challenge')
      return this.onChallenge(body as { challenge_id: string; kind: string; code: string });
    if (path === '/v1/agent/factor') return this.onFactor(factorRequest.parse(body));
    if (path === '/v1/agent/ssh-keys') return this.onSshKey(keyRequest.parse(body));
    if (path === '/v1/agent/door') return this.onDoor(doorRequest.parse(body));
    if (path === '/v1/agent/account') return this.onAccount(accountRequest.parse(body));
    if (path === '/v1/agent/sessions') return this.#opened(openRequest.parse(body));
    if (path === '/v1/agent/hello') return this.#hello(helloRequest.parse(body));
    const reports = reportsRequest.parse(body);
    const answer = this.onReports(reports);
    if (!isStatus(answer)) this.reports.push(reports);
    return answer;
  }

  #opened(body: OpenRequest): Answer | Promise<Answer> {
    return body.adopted ? this.onAdopt(body) : this.onOpen(body);
  }

  #hello(_: HelloRequest): Answer {
    if (this.helloStatus !== 200) return { status: this.helloStatus };
    return {
      server_time: new Date().toISOString(),
      lease_seconds: this.leaseSeconds,
      sessions: [...this.sessions.values()],
    };
  }

  #stream(response: ServerResponse): void {
    if (this.refuseStreams) return void response.writeHead(503).end();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const order of this.pending) response.write(`event: order\ndata: ${JSON.stringify(order)}\n\n`);
    response.write('event: ready\ndata: {}\n\n');
    this.#streams.add(response);
    this.opened++;
    response.on('close', () => this.#streams.delete(response));
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}
