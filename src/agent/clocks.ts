/** Holds every session to its idle and absolute end, on daemons that have no such clocks. Sleeps until one may run out. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { World } from '../world.ts';
import { lastActivity } from './activity-decision.ts';
import { judgeClocks, nextMeasureInMs } from './clock-decision.ts';
import { doorOf, doors } from './doors/index.ts';
import type { Ending } from './ending.ts';
import { type IoMemory, measure, readSockets, type Sockets } from './hands-activity.ts';
import { membersOf } from './hands-cgroups.ts';
import { isFronted } from './hands-front.ts';
import { isLive, treeOf } from './hands-processes.ts';
import type { Registry } from './registry.ts';
import type { Reports } from './reports.ts';
import type { SessionEntry } from './session-entry.ts';
import type { TimeShift } from './time-shift.ts';

export interface ClocksParts {
  readonly ending: Ending;
  readonly log: Log;
  readonly registry: Registry;
  readonly reports: Reports;
  readonly shift: TimeShift;
  readonly world: World;
}

/** An end that could not be carried out is tried again after this long. */
const retryMs = 5_000;
/** A new session is looked at soon, to tell a file transfer from a shell. */
const firstLookMs = 1_000;
/** So many sessions are measured before anything else in the process gets its turn. */
const batch = 20;

export class ClockKeeper {
  readonly #parts: ClocksParts;
  readonly #io = new Map<string, IoMemory>();
  readonly #reportedAt = new Map<string, number>();
  readonly #ending = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #measuring: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: ClocksParts) {
    this.#parts = parts;
  }

  /** Sessions came or clocks changed: looks again in time for them. */
  nudge(atMostMs: number = firstLookMs): void {
    const { registry, world } = this.#parts;
    const wait = nextMeasureInMs(registry.live(), world.now().getTime());
    if (wait !== undefined) this.#wakeIn(Math.min(wait, atMostMs));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#measuring;
  }

  #wakeIn(ms: number): void {
    const due = this.#parts.world.monotonicMs() + ms;
    if (this.#stopped || due >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = due;
    this.#timer = setTimeout(() => this.#wake(), ms);
  }

  #wake(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    // A measure under way has begun before this deadline: it comes first, and this one is due right after it.
    this.#measuring = (this.#measuring ?? Promise.resolve())
      .then(() => this.#measureAll())
      .catch((error: unknown) => this.#parts.log.error({ error: String(error) }, 'measuring failed'))
      .then(() => {
        const wait = nextMeasureInMs(this.#judgeable(), this.#parts.world.now().getTime());
        if (wait !== undefined) this.#wakeIn(wait);
      });
  }

  #judgeable(): readonly SessionEntry[] {
    return this.#parts.registry.live().filter((entry) => !this.#ending.has(entry.id));
  }

  async #measureAll(): Promise<void> {
    const sessions = this.#judgeable();
    this.#forgetAllBut(new Set(this.#parts.registry.live().map((entry) => entry.id)));
    if (sessions.length === 0 || this.#stopped) return;
    const sockets = await readSockets();
    const now = this.#parts.world.now().getTime();
    for (const [index, { id }] of sessions.entries()) {
      if (index % batch === batch - 1) await breathe();
      const entry = this.#parts.registry.get(id);
      if (entry && !entry.gone) this.#judge(entry, this.#look(entry, sockets, now));
    }
  }

  /** The last activity of one session, as far as it is known now. Never goes back, never into the future. */
  #look(entry: SessionEntry, sockets: Sockets | undefined, now: number): number {
    const known = Math.min(entry.lastActivityAt, now);
    if (!isLive(entry.process)) return known;
    const members = entry.cgroup ? membersOf(entry.cgroup.path) : treeOf(entry.process.pid);
    const watched = {
      ...{ leader: entry.process.pid, members, source: entry.source ?? null },
      fronted: isFronted(entry.channel),
      keepsTalking: doors.some((door) => door.store === entry.store && door.keepsTalking === true),
    };
    const measured = measure(watched, sockets, this.#io.get(entry.id), now);
    this.#io.set(entry.id, measured.io);
    if (measured.fileTransfer !== undefined) this.#refineChannel(entry, measured.fileTransfer);
    return Math.max(known, Math.min(lastActivity(measured.readings) ?? known, now));
  }

  #judge(entry: SessionEntry, lastActivityAt: number): void {
    this.#parts.registry.note(entry.id, { lastActivityAt });
    const reportedAt = this.#reportedAt.get(entry.id) ?? entry.lastActivityAt;
    if (lastActivityAt > reportedAt) this.#report(entry.id, lastActivityAt);
    const verdict = judgeClocks(entry.clocks, lastActivityAt, this.#parts.world.now().getTime());
    if (verdict.state !== 'alive') void this.#end(entry.id, verdict.state, verdict.at);
  }

  async #end(id: string, reason: 'idle' | 'absolute', at: number): Promise<void> {
    if (this.#ending.has(id)) return;
    this.#ending.add(id);
    const over = await this.#parts.ending.byClocks(id, reason, at).catch((error: unknown) => {
      this.#parts.log.error({ session: id, error: String(error) }, 'a session could not be ended');
      return false;
    });
    if (over) this.#ending.delete(id);
    else setTimeout(() => this.#retry(id), retryMs).unref();
  }

  #retry(id: string): void {
    this.#ending.delete(id);
    this.nudge();
  }

  #report(id: string, lastActivityAt: number, channel?: string): void {
    this.#reportedAt.set(id, lastActivityAt);
    const last_seen_at = this.#parts.shift.toService(lastActivityAt);
    this.#parts.reports.seen({ session_id: id, last_seen_at, ...(channel ? { channel } : {}) });
  }

  /** Back again too: the connection of an sftp client carries a shell as well (`ControlMaster`). */
  #refineChannel(entry: SessionEntry, fileTransfer: boolean): void {
    const door = doorOf(entry.channel);
    if (door?.fileTransferChannel === undefined) return;
    const channel = fileTransfer ? door.fileTransferChannel : door.channel;
    if (channel === entry.channel) return;
    this.#parts.registry.note(entry.id, { channel });
    this.#report(entry.id, entry.lastActivityAt, channel);
  }

  #forgetAllBut(live: ReadonlySet<string>): void {
    for (const id of this.#io.keys()) if (!live.has(id)) this.#io.delete(id);
    for (const id of this.#reportedAt.keys()) if (!live.has(id)) this.#reportedAt.delete(id);
  }
}
