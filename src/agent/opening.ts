/** Opens sessions on this host: the service decides, the agent writes it down and gives it a cgroup, then the daemon goes on. */
import type { Log } from '../log.ts';
import type { HostSession, OpenedSession, OpenRequest, ProcessRef } from '../protocol/agent.ts';
import type { World } from '../world.ts';
import { type CgroupPlace, cgroupPlace, type HostFacts, isLoginScope } from './cgroup-place.ts';
import { isPopulated, makeCgroup, membersOf, moveInto, moveTree, removeCgroup } from './hands-cgroups.ts';
import { cgroupPathOf, isLive, treeOf } from './hands-processes.ts';
import type { Registry } from './registry.ts';
import type { Reports } from './reports.ts';
import type { Service } from './service.ts';
import { type Gone, gone, type SessionEntry } from './session-entry.ts';
import type { TimeShift } from './time-shift.ts';

export type Opened =
  | { readonly decision: 'allow'; readonly id: string }
  | { readonly decision: 'deny' | 'unknown' };

export interface OpeningParts {
  readonly host: HostFacts;
  readonly log: Log;
  readonly registry: Registry;
  readonly reports: Reports;
  readonly service: Service;
  readonly shift: TimeShift;
  readonly world: World;
  /** A session began: its clocks must be watched. */
  onOpened(): void;
  /** The answer was lost: the service may hold a session that this host does not know. */
  onDoubt(): void;
}

export class Opening {
  readonly #parts: OpeningParts;
  readonly #inFlight = new Map<string, Promise<unknown>>();

  constructor(parts: OpeningParts) {
    this.#parts = parts;
  }

  /**
   * Asks and carries the answer out. Throws when there is no decision; then nobody was let in. `withTree`: the process
   * has children by now that belong to the session.
   */
  open(question: OpenRequest, signal: AbortSignal, withTree = question.adopted === true): Promise<Opened> {
    const key = keyOf(question.process);
    const mine = this.#open(question, signal, withTree).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, mine);
    return mine;
  }

  isOpening(process: ProcessRef | null): boolean {
    return process === null ? this.#inFlight.size > 0 : this.#inFlight.has(keyOf(process));
  }

  /** When the opens that may be about this process have come to their end: an order can overtake the answer to them. */
  async settled(process: ProcessRef | null): Promise<void> {
    const opens = process === null ? [...this.#inFlight.values()] : [this.#inFlight.get(keyOf(process))];
    await Promise.allSettled(opens);
  }

  async #open(question: OpenRequest, signal: AbortSignal, withTree: boolean): Promise<Opened> {
    const answer = await this.#parts.service.open(question, signal).catch((error: unknown) => {
      this.#parts.onDoubt();
      throw error;
    });
    if (answer.decision !== 'allow') return { decision: answer.decision };
    const { session } = answer;
    return this.#parts.registry.lanes.run(session.id, () => this.#begin(session, question, withTree));
  }

  async #begin(session: OpenedSession, question: OpenRequest, withTree: boolean): Promise<Opened> {
    const known = this.#parts.registry.get(session.id);
    // An open whose answer was lost is answered with the same session when it is asked again.
    if (known && (known.gone || keyOf(known.process) !== keyOf(question.process))) {
      this.#parts.log.error(
        { session: session.id },
        'a session that is over, or another process, was granted',
      );
      return { decision: 'deny' };
    }
    const entry = known
      ? { ...known, clocks: this.#parts.shift.clocksOf(session) }
      : this.entryOf(session, question.process, question.adopted === true);
    try {
      await this.register(entry, withTree);
    } catch (error) {
      this.#parts.log.error({ session: entry.id, error: String(error) }, 'a session could not be set up');
      await this.#giveUp(entry, `could not be set up: ${String(error)}`);
      return { decision: 'deny' };
    }
    this.#parts.onOpened();
    return { decision: 'allow', id: entry.id };
  }

  /** What the agent will know of a session that the service opened. */
  entryOf(
    session: Pick<
      OpenedSession,
      'id' | 'login' | 'store' | 'channel' | 'idle_seconds' | 'absolute_expires_at'
    > &
      Partial<Pick<HostSession, 'source'>>,
    process: ProcessRef,
    adopted: boolean,
  ): SessionEntry {
    const { id, login, store, channel, source } = session;
    return {
      id,
      login,
      store,
      channel,
      process,
      adopted,
      source,
      cgroup: this.placeOf(id, process) ?? null,
      clocks: this.#parts.shift.clocksOf(session),
      lastActivityAt: this.#parts.world.now().getTime(),
      gone: null,
    };
  }

  /** Where the session's cgroup is, or is to be. */
  placeOf(id: string, process: ProcessRef): CgroupPlace | undefined {
    const { host } = this.#parts;
    const path = isLive(process) ? cgroupPathOf(process.pid) : undefined;
    const alone = path !== undefined && isLoginScope(path) && isAlone(process.pid, `${host.mount}${path}`);
    return cgroupPlace(id, host, { path, alone });
  }

  /**
   * Writes the session down, then moves it: an order that comes between the two finds the entry and moves it itself.
   * Throws when the process is gone or cannot be moved. Call inside the session's lane.
   */
  async register(entry: SessionEntry, withTree = entry.adopted): Promise<void> {
    await this.#parts.registry.put(entry);
    if (entry.cgroup?.own) {
      makeCgroup(entry.cgroup.path);
      moveInto(entry.cgroup.path, entry.process.pid);
      if (withTree) moveTree(entry.cgroup.path, entry.process);
    }
    if (!isLive(entry.process)) throw new Error('the process is gone');
  }

  async #giveUp(entry: SessionEntry, detail: string): Promise<void> {
    const at = this.#parts.world.now().getTime();
    const over: Gone = { at, reason: 'lost', proved: !isLive(entry.process), detail: detail.slice(0, 500) };
    this.#parts.reports.gone(gone(entry.id, over, this.#parts.shift));
    await this.#parts.registry.put({ ...entry, gone: over });
    if (entry.cgroup?.own && !isPopulated(entry.cgroup.path)) await removeCgroup(entry.cgroup.path);
  }
}

function isAlone(pid: number, path: string): boolean {
  const tree = new Set(treeOf(pid));
  return membersOf(path).every((member) => tree.has(member));
}

function keyOf(process: ProcessRef): string {
  return `${process.boot_id}:${process.pid}:${process.start}`;
}
