/** The agent's figures, and the door on loopback where Prometheus reads them: no login, no key, nothing else. */
import { createServer, type Server } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { version } from '../version.ts';

/** What is looked at when somebody asks. */
export interface Looks {
  inTouch(): boolean;
  liveSessions(): number;
  waitingReports(): number;
}

export class Figures {
  readonly registry = new Registry();
  readonly questions: Counter<'ask' | 'verdict'>;
  /** Questions that found no room: their logins were denied. */
  readonly turnedAway: Counter;
  /** Mails that the mail server told, by what was found and what became of them. */
  readonly mails: Counter<'verdict' | 'deed'>;
  /** From the end of a mail to its verdict. */
  readonly mailSeconds: Histogram;
  #server: Server | undefined;

  constructor(looks: Looks) {
    const registers = [this.registry];
    collectDefaultMetrics({
      register: this.registry,
      prefix: 'gatehouse_agent_',
      // The default wakes the agent a hundred times a second.
      eventLoopMonitoringPrecision: 100,
    });
    this.questions = new Counter({
      name: 'gatehouse_agent_pam_questions_total',
      help: 'Questions of the PAM module and of Pure-FTPd, by answer',
      labelNames: ['ask', 'verdict'],
      registers,
    });
    this.turnedAway = new Counter({
      name: 'gatehouse_agent_pam_turned_away_total',
      help: 'Connections of the PAM module and of Pure-FTPd that found no room; their logins were denied',
      registers,
    });
    this.mails = new Counter({
      name: 'gatehouse_agent_mails_total',
      help: 'Mails of the milter, by verdict (flagged, clear, not_judged) and by what became of them',
      labelNames: ['verdict', 'deed'],
      registers,
    });
    this.mailSeconds = new Histogram({
      name: 'gatehouse_agent_mail_seconds',
      help: 'Time from the end of a mail to its verdict',
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 20],
      registers,
    });
    const gauge = (name: string, help: string, look: () => number) =>
      new Gauge({
        name: `gatehouse_agent_${name}`,
        help,
        registers,
        collect() {
          this.set(look());
        },
      });
    gauge('in_touch', '1 while orders of the service reach this host; else nobody is let in', () =>
      Number(looks.inTouch()),
    );
    gauge('sessions', 'Sessions that live on this host', looks.liveSessions);
    gauge('reports_waiting', 'Reports that the service has not taken yet', looks.waitingReports);
    new Gauge({ name: 'gatehouse_agent_info', help: 'The release', labelNames: ['version'], registers }).set(
      { version },
      1,
    );
  }

  /** Listens on `address:port`. Rejects when somebody else holds it. */
  listen(address: string): Promise<void> {
    const colon = address.lastIndexOf(':');
    const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
    const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (request, response) => {
      if (request.method !== 'GET' || request.url !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      this.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': this.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    server.maxConnections = 16;
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: Number(address.slice(colon + 1)) }, resolve);
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
