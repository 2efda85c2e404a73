/** Processes of logins that the service does not know: an operator's own shell. They are told of once. */
import type { ProcessRef } from '../protocol/agent.ts';
import { keyOf } from './refused.ts';

export class Strangers {
  readonly #told = new Set<string>();

  /** Says so once. */
  isNew(process: ProcessRef): boolean {
    const key = keyOf(process);
    const fresh = !this.#told.has(key);
    this.#told.add(key);
    return fresh;
  }

  /** Forgets all but these. */
  keep(live: readonly ProcessRef[]): void {
    const keys = new Set(live.map(keyOf));
    for (const key of this.#told) if (!keys.has(key)) this.#told.delete(key);
  }
}
