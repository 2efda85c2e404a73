/** The agent as one thing: its parts know each other only through here. */
import type { Log } from '../log.ts';
import type { ClocksEvent, HelloAnswer, HostSession, ProcessRef } from '../protocol/agent.ts';
import type { World } from '../world.ts';
import { type AdoptParts, adoptMissed, compareNotes, endRefused, takeUp } from './adopt.ts';
import { AnswerTimes } from './answer-times.ts';
import { ClockKeeper } from './clocks.ts';
import type { AgentConfig } from './config-shape.ts';
import { isPureFtpd } from './doors/pureftpd.ts';
import { Ending } from './ending.ts';
import { ExtauthServer } from './extauth.ts';
import { Figures } from './figures.ts';
import { answerFtpLogin } from './ftp-login.ts';
import { Greetings } from './greetings.ts';
import { HalfLogins } from './half-logins.ts';
import { hostFacts } from './hands-cgroups.ts';
import { peerProcess } from './hands-peers.ts';
import { agentPid, bootId } from './hands-processes.ts';
import { Link } from './link.ts';
import { lookAround } from './look-around.ts';
import { MilterServer } from './milter.ts';
import { Opening } from './opening.ts';
import { pamKey } from './pam-key.ts';
import { PamServer } from './pam-server.ts';
import type { QuestionParts } from './question-parts.ts';
import { answerQuestion } from './questions.ts';
import { Refused } from './refused.ts';
import { Registry } from './registry.ts';
import { Reports } from './reports.ts';
import { Service } from './service.ts';
import { gone } from './session-entry.ts';
import { Strangers } from './strangers.ts';
import { Tickets } from './tickets.ts';
import { TimeShift } from './time-shift.ts';
import { Watch } from './watch.ts';

/** How long an open whose answer was lost is left to settle before the agent asks what became of it. */
const doubtMs = 1_000;
/** A daemon that gives up when PAM opens no session has done so by then. */
const notOpenedMs = 500;
/** A refused process is looked for after twice the pause each time, up to this one. */
const longestPauseMs = 16_000;

export class HostAgent {
  readonly #config: AgentConfig;
  readonly #log: Log;
  readonly #world: World;
  readonly #registry: Registry;
  readonly #refused = new Refused();
  readonly #reports = new Reports();
  readonly #shift = new TimeShift();
  readonly #opening: Opening;
  readonly #ending: Ending;
  readonly #clocks: ClockKeeper;
  readonly #watch: Watch;
  readonly #link: Link;
  readonly #pam: PamServer;
  readonly #extauth: ExtauthServer | undefined;
  readonly #figures: Figures;
  readonly #milter: MilterServer | undefined;
  readonly #adopting: AdoptParts;
  readonly #stop = new AbortController();
  #notes: Promise<void> = Promise.resolve();
  #lookingSoon: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #chasing: { readonly timer: NodeJS.Timeout; readonly ms: number } | undefined;

  constructor(config: AgentConfig, key: Buffer, world: World, log: Log) {
    this.#config = config;
    this.#log = log;
    this.#world = world;
    const boot = bootId();
    const host = hostFacts(config.cgroupRoot);
    if (!host.mount) log.error('no cgroup v2 on this host: ends of sessions cannot be proved');
    const service = new Service(config.url, config.key);
    const tools = { world, boot, agentPid };
    const registry = Registry.load(config.stateDir, log);
    const reports = this.#reports;
    const shift = this.#shift;
    const opening = new Opening({
      ...{ host, log, registry, reports, service, shift, world },
      onOpened: () => this.#clocks.nudge(),
      onDoubt: () => setTimeout(() => this.#compareNotes(), doubtMs).unref(),
    });
    const ending = new Ending({ log, opening, registry, reports, shift, stop: this.#stop.signal, tools });
    this.#registry = registry;
    this.#opening = opening;
    this.#ending = ending;
    this.#clocks = new ClockKeeper({ ending, log, registry, reports, shift, world });
    this.#watch = new Watch({ ending, log, registry });
    const { host: hostName } = config;
    const refused = this.#refused;
    const [greetings, strangers] = [new Greetings(world), new Strangers()];
    this.#adopting = {
      hostName,
      ...{ greetings, host, log, opening, refused, registry, reports, shift, strangers, tools },
      inTurn: (look) => this.#afterNotes(look),
    };
    this.#link = this.#makeLink(service, boot);
    this.#figures = new Figures({
      inTouch: () => this.inTouch(),
      liveSessions: () => registry.live().length,
      waitingReports: () => reports.waiting(),
    });
    const questions = this.#questionParts(service, boot);
    this.#pam = this.#makePamServer(questions, key);
    this.#extauth = config.extauth === undefined ? undefined : this.#makeExtauth(questions, config.extauth);
    this.#milter =
      config.milter &&
      new MilterServer({
        ...{ config: config.milter, world, log },
        onJudged: (verdict, deed, seconds) => {
          this.#figures.mails.inc({ verdict, deed });
          this.#figures.mailSeconds.observe(seconds);
        },
        scan: (question, signal) => service.scan(question, signal),
      });
  }

  /** Resolves once the PAM module can ask; the line to the service comes up on its own. Returns the port. */
  async start(): Promise<number> {
    for (const { id, gone: over } of this.#registry.all()) {
      if (over) this.#reports.gone(gone(id, over, this.#shift));
    }
    await this.#watch.lookAtAll();
    const port = await this.#pam.listen(this.#config.pamAddress);
    await this.#extauth?.listen();
    await this.#milter?.listen();
    if (this.#config.metricsAddress) await this.#figures.listen(this.#config.metricsAddress);
    this.#link.start();
    this.#watch.start();
    this.#clocks.nudge();
    this.#looking = this.#lookAround();
    return port;
  }

  /** Leaves every session as it is: their files bring them back at the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#pam.stop(), this.#extauth?.stop(), this.#milter?.stop(), this.#figures.stop()]);
    await Promise.all([this.#link.stop(), this.#watch.stop(), this.#clocks.stop()]);
    await this.#looking;
    await this.#notes;
    await this.#registry.lanes.idle();
  }

  /** Whether new logins are put before the service. */
  inTouch(): boolean {
    return this.#link.inTouch();
  }

  #makeLink(service: Service, boot: string): Link {
    return new Link({
      ...{ host: this.#config.host, boot, world: this.#world, log: this.#log },
      ...{ service, reports: this.#reports },
      knownSessions: () => this.#registry.live().map((entry) => entry.id),
      onHello: (answer, sent) => this.#hello(answer, sent),
      onOrder: (order) => this.#background('an order', this.#ending.byOrder(order)),
      onClocks: (clocks) => this.#background('new clocks', this.#setClocks(clocks)),
      onSession: (session) => this.#background('a session of a daemon', this.#takeUp(session)),
      onReady: () => void this.#afterNotes(() => adoptMissed(this.#adopting, this.#stop.signal)),
      onReported: (over, unknown) => this.#reported(over, unknown),
    });
  }

  #questionParts(service: Service, boot: string): QuestionParts {
    const world = this.#world;
    return {
      ...{ host: this.#config.host, boot, log: this.#log, opening: this.#opening, service, world },
      ...{ tickets: new Tickets(world), halves: new HalfLogins(world), times: new AnswerTimes(world) },
      inTouch: () => this.#link.inTouch(),
      onClosing: (id) => this.#watch.lookSoonAt(id),
      onNotOpened: () => this.#lookForMissed(),
      onJudged: (process, allowed) => this.#judged(process, allowed),
    };
  }

  #makePamServer(parts: QuestionParts, key: Buffer): PamServer {
    return new PamServer({
      ...{ key, world: this.#world, log: this.#log },
      answer: (asked, signal) => answerQuestion(parts, asked, signal),
      onAnswered: (ask, verdict) => this.#figures.questions.inc({ ask, verdict }),
      onTurnedAway: () => this.#figures.turnedAway.inc(),
    });
  }

  #makeExtauth(parts: QuestionParts, path: string): ExtauthServer {
    return new ExtauthServer({
      ...{ path, world: this.#world, log: this.#log },
      answer: (asked, socket, signal) =>
        answerFtpLogin(parts, asked, () => peerProcess(socket, isPureFtpd), signal),
      onAnswered: (verdict) => this.#figures.questions.inc({ ask: 'extauth', verdict }),
      onTurnedAway: () => this.#figures.turnedAway.inc(),
    });
  }

  /**
   * sshd runs no shell when PAM opens no session, but it keeps the connection and its tunnels (`ssh -N`). So whoever
   * is still there shortly after is taken up as a session that began unseen, or ended.
   */
  #lookForMissed(): void {
    this.#lookingSoon ??= this.#later(notOpenedMs, () => {
      this.#lookingSoon = undefined;
      return adoptMissed(this.#adopting, this.#stop.signal);
    });
  }

  #judged(process: ProcessRef, allowed: boolean): void {
    if (allowed) this.#refused.remove(process);
    else this.#refused.add(process);
    if (!allowed) this.#chaseRefused(notOpenedMs);
  }

  /** Looks again while any is there: on a busy host a daemon may not bear the title of a session yet. */
  #chaseRefused(ms: number): void {
    if (this.#chasing && this.#chasing.ms <= ms) return;
    clearTimeout(this.#chasing?.timer);
    const timer = this.#later(ms, async () => {
      this.#chasing = undefined;
      await endRefused(this.#adopting);
      if (ms < longestPauseMs && this.#refused.remaining() > 0) this.#chaseRefused(ms * 2);
    });
    this.#chasing = { timer, ms };
  }

  #later(ms: number, task: () => Promise<void>): NodeJS.Timeout {
    return setTimeout(() => {
      if (!this.#stop.signal.aborted) void this.#afterNotes(task);
    }, ms).unref();
  }

  #hello(answer: HelloAnswer, sent: readonly string[]): void {
    const ahead = this.#shift.learn(answer.server_time, this.#world.now().getTime());
    if (ahead !== 0) this.#log.warn({ ahead_ms: ahead }, "this host's clock is wrong, or the service's");
    void this.#afterNotes(() => compareNotes(this.#adopting, answer, sent));
  }

  #compareNotes(): void {
    if (!this.#stop.signal.aborted) this.#background('comparing notes', this.#link.compareNotes());
  }

  /** Notes are compared one after the other; what was missed is looked for only after that. */
  #afterNotes(task: () => Promise<void>): Promise<void> {
    const turn = this.#background(
      'comparing notes',
      this.#notes.then(task).then(() => this.#clocks.nudge()),
    );
    this.#notes = turn;
    return turn;
  }

  #lookAround(): Promise<void> {
    const parts = {
      ...{ adopting: this.#adopting, everyMs: this.#config.lookAroundMs },
      inTouch: () => this.#link.inTouch(),
    };
    return this.#background('looking around', lookAround(parts, this.#stop.signal));
  }

  async #takeUp(session: HostSession): Promise<void> {
    await takeUp(this.#adopting, session);
    this.#clocks.nudge();
  }

  async #setClocks(event: ClocksEvent): Promise<void> {
    for (const session of event.sessions) {
      await this.#registry.lanes.run(session.session_id, async () => {
        const entry = this.#registry.get(session.session_id);
        if (entry && !entry.gone)
          await this.#registry.put({ ...entry, clocks: this.#shift.clocksOf(session) });
      });
    }
    this.#clocks.nudge();
  }

  #reported(over: readonly string[], unknown: readonly string[]): void {
    for (const id of over) this.#background('forgetting a session', this.#forget(id));
    for (const id of unknown) this.#background('an unknown session', this.#ending.unknownToService(id));
  }

  /** In its lane: the write that says the session is over may still be under way, and would bring the file back. */
  #forget(id: string): Promise<void> {
    return this.#registry.lanes.run(id, async () => {
      if (this.#registry.get(id)?.gone) this.#registry.forget(id);
    });
  }

  #background(what: string, task: Promise<void>): Promise<void> {
    return task.catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#log.error({ error: String(error) }, `${what} failed`);
    });
  }
}

/** Makes the key if it is missing, and the agent. */
export async function hostAgent(config: AgentConfig, world: World, log: Log): Promise<HostAgent> {
  return new HostAgent(config, await pamKey(config.pamKeyFile, world), world, log);
}
