/** Ends sessions and tells the service: by an order, by their clocks, or because they were found over. */
import type { Log } from '../log.ts';
import type { OrderEvent, ProcessRef } from '../protocol/agent.ts';
import { carryOut, type Ended, type EndTools, notices } from './carry-out.ts';
import { isPopulated, removeCgroup } from './hands-cgroups.ts';
import { isLive } from './hands-processes.ts';
import { servesAsNamed } from './named-process.ts';
import type { Opening } from './opening.ts';
import type { Registry } from './registry.ts';
import type { Reports } from './reports.ts';
import { type Gone, gone, type SessionEntry } from './session-entry.ts';
import type { TimeShift } from './time-shift.ts';

export interface EndingParts {
  readonly log: Log;
  readonly opening: Opening;
  readonly registry: Registry;
  readonly reports: Reports;
  readonly shift: TimeShift;
  /** The agent stops: nothing is tried again. */
  readonly stop: AbortSignal;
  readonly tools: EndTools;
}

/** An order whose end could not be proved is tried again after this long, for as long as it takes. */
const retryMs = 5_000;

export class Ending {
  readonly #parts: EndingParts;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** Carries an order out and queues its receipt; the same order twice gives the same receipt twice. */
  async byOrder(order: OrderEvent): Promise<void> {
    const { registry, opening } = this.#parts;
    const id = order.session_id;
    // The order may have overtaken the answer to the very open that it is about.
    if (!registry.get(id)) await opening.settled(order.process);
    await registry.lanes.run(id, async () => {
      const entry = registry.get(id);
      const ended = await this.#carryOutOrder(order, entry);
      this.#parts.log.info({ session: id, order: order.order_id, ...ended }, 'logoff order carried out');
      this.#receipt(id, ended);
      if (ended.state === 'ended') registry.forget(id);
      else if (entry?.cgroup) setTimeout(() => this.#again(order), retryMs).unref();
    });
  }

  #again(order: OrderEvent): void {
    // Meanwhile it may have been ended by the same order, sent again after a break of the stream.
    if (this.#parts.stop.aborted || !this.#parts.registry.get(order.session_id)) return;
    this.byOrder(order).catch((error: unknown) => {
      this.#parts.log.error({ session: order.session_id, error: String(error) }, 'an order failed again');
    });
  }

  async #carryOutOrder(order: OrderEvent, entry: SessionEntry | undefined): Promise<Ended> {
    if (entry?.gone?.proved) {
      return { state: 'ended', detail: `was over before: ${entry.gone.reason}, ${entry.gone.detail}` };
    }
    if (entry) return this.#tryToEnd(entry, notices.order);
    const process = order.process ?? this.#nobody();
    if (order.followed && servesAsNamed(process) === false)
      return { state: 'not_proven', detail: 'the process that was named is no session of a daemon' };
    const cgroup = this.#parts.opening.placeOf(order.session_id, process) ?? null;
    return this.#tryToEnd({ process, cgroup, adopted: isLive(process) }, notices.order);
  }

  /** The clocks ran out at that moment. Says whether the session is over; if not, it is to be tried again. */
  byClocks(id: string, reason: 'idle' | 'absolute', at: number): Promise<boolean> {
    return this.#parts.registry.lanes.run(id, async () => {
      const entry = this.#parts.registry.get(id);
      if (!entry || entry.gone) return true;
      const ended = await this.#tryToEnd(entry, notices[reason]);
      this.#parts.log.info({ session: id, reason, ...ended }, 'a clock of the session ran out');
      if (ended.state === 'not_proven' && isLive(entry.process)) return false;
      await this.#over(entry, { at, reason, proved: ended.state === 'ended', detail: ended.detail });
      return true;
    });
  }

  /** The service does not know the session, so no order could ever end it. */
  unknownToService(id: string): Promise<void> {
    return this.#parts.registry.lanes.run(id, async () => {
      const entry = this.#parts.registry.get(id);
      if (!entry) return;
      const ended = entry.gone ? undefined : await this.#tryToEnd(entry);
      this.#parts.log.warn({ session: id, ...ended }, 'the service does not know this session');
      if (ended?.state !== 'not_proven') this.#parts.registry.forget(id);
    });
  }

  /**
   * Looks whether a session ended by itself. It lives as long as anything does in its cgroup: what a customer left
   * running on a voluntary logout (nohup, tmux) goes on, can still be ended by an order, and is ended by the idle
   * clock, since without a connection there is no activity.
   */
  async noticeEnd(id: string): Promise<void> {
    const looked = this.#parts.registry.get(id);
    if (!looked || looked.gone || !this.#isOver(looked)) return;
    await this.#parts.registry.lanes.run(id, async () => {
      const entry = this.#parts.registry.get(id);
      if (!entry || entry.gone || !this.#isOver(entry)) return;
      if (entry.cgroup?.own) await removeCgroup(entry.cgroup.path);
      await this.#over(entry, this.#endOf(entry));
    });
  }

  /** How a session that is over came to its end unseen. */
  #endOf(entry: SessionEntry): Gone {
    const at = this.#parts.tools.world.now().getTime();
    if (entry.process.boot_id !== this.#parts.tools.boot) {
      return { at, reason: 'lost', proved: true, detail: 'the host was restarted' };
    }
    return entry.cgroup
      ? { at, reason: 'closed', proved: true, detail: 'ended by itself; cgroup empty' }
      : { at, reason: 'closed', proved: false, detail: 'leader gone; no cgroup v2 to prove the rest' };
  }

  async #over(entry: SessionEntry, over: Gone): Promise<void> {
    // Told even if the disk is full: what the service knows matters more than what a restart would.
    this.#parts.reports.gone(gone(entry.id, over, this.#parts.shift));
    await this.#parts.registry.put({ ...(this.#parts.registry.get(entry.id) ?? entry), gone: over });
  }

  async #tryToEnd(
    target: Pick<SessionEntry, 'process' | 'cgroup' | 'adopted'>,
    notice?: string,
  ): Promise<Ended> {
    try {
      return await carryOut(target, this.#parts.tools, notice);
    } catch (error) {
      return { state: 'not_proven', detail: `failed: ${String(error)}` };
    }
  }

  #receipt(id: string, ended: Ended): void {
    const at = this.#parts.shift.toService(this.#parts.tools.world.now().getTime());
    this.#parts.reports.receipt({
      session_id: id,
      at,
      state: ended.state,
      detail: ended.detail.slice(0, 500),
    });
  }

  #nobody(): ProcessRef {
    return { pid: 0, start: '0', boot_id: this.#parts.tools.boot };
  }

  #isOver(entry: SessionEntry): boolean {
    if (entry.process.boot_id !== this.#parts.tools.boot) return true;
    return !isLive(entry.process) && !(entry.cgroup && isPopulated(entry.cgroup.path));
  }
}
