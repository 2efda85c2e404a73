/** What the service must still hear: kept until it answered 200. Newer news of a session replaces older. */
import {
  type GoneReport,
  type Receipt,
  type ReportsRequest,
  reportLimit,
  type SeenReport,
} from '../protocol/agent.ts';

export type Batch = Omit<ReportsRequest, 'host'>;

export class Reports {
  readonly #seen = new Map<string, SeenReport>();
  readonly #gone = new Map<string, GoneReport>();
  readonly #receipts = new Map<string, Receipt>();
  #wake: () => void = () => {};

  /** Called whenever there is something to send. */
  onNews(wake: () => void): void {
    this.#wake = wake;
  }

  seen(report: SeenReport): void {
    // A channel is told once: a later report without it must not swallow it.
    this.#seen.set(report.session_id, { ...this.#seen.get(report.session_id), ...report });
    this.#wake();
  }

  gone(report: GoneReport): void {
    this.#seen.delete(report.session_id);
    this.#gone.set(report.session_id, report);
    this.#wake();
  }

  receipt(report: Receipt): void {
    this.#seen.delete(report.session_id);
    this.#receipts.set(report.session_id, report);
    this.#wake();
  }

  /** The next report, or undefined when all is said. Nothing is removed before `accepted`. */
  next(): Batch | undefined {
    const batch = {
      seen: [...this.#seen.values()].slice(0, reportLimit),
      gone: [...this.#gone.values()].slice(0, reportLimit),
      receipts: [...this.#receipts.values()].slice(0, reportLimit),
    };
    return batch.seen.length + batch.gone.length + batch.receipts.length > 0 ? batch : undefined;
  }

  /** How many entries wait. One a session and kind at the most, so never more than there are sessions. */
  waiting(): number {
    return this.#seen.size + this.#gone.size + this.#receipts.size;
  }

  /** Removes what was sent, unless something newer took its place meanwhile. */
  accepted(batch: Batch): void {
    for (const report of batch.seen) removeSame(this.#seen, report);
    for (const report of batch.gone) removeSame(this.#gone, report);
    for (const report of batch.receipts) removeSame(this.#receipts, report);
  }
}

function removeSame<T extends { session_id: string }>(waiting: Map<string, T>, report: T): void {
  if (waiting.get(report.session_id) === report) waiting.delete(report.session_id);
}
