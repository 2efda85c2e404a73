/** Last-seen, written behind: a check never waits for a write, and a busy session is written at most so often. */
import { log } from '../log.ts';
import type { Database } from './db.ts';
import { touchSessions } from './sessions.ts';

export interface Touches {
  /** Notes that a session was seen at `at` (ms since 1970); it reaches the database with the next flush. */
  note(id: string, at: number): void;
  /** The latest moment noted here for a session and perhaps not written yet. */
  latest(id: string): number | undefined;
  /** Writes what was noted. Never throws: what cannot be written stays noted. */
  flush(): Promise<void>;
}

/** Noted sessions kept at the most while the database is away; the oldest are forgotten first. */
const keptAtMost = 100_000;
const writtenAtOnce = 5_000;

export function createTouches(database: Database): Touches {
  const noted = new Map<string, number>();
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    const batch = [...noted.entries()].slice(0, writtenAtOnce).map(([id, at]) => ({ id, at }));
    if (batch.length === 0) return;
    try {
      await touchSessions(database, batch);
      for (const { id, at } of batch) if (noted.get(id) === at) noted.delete(id);
    } catch (error) {
      log.warn({ err: error }, 'last-seen could not be written; it stays noted');
    }
  }

  return {
    note: (id, at) => {
      if ((noted.get(id) ?? 0) >= at) return;
      noted.delete(id);
      noted.set(id, at);
      if (noted.size > keptAtMost) for (const oldest of noted.keys()) return void noted.delete(oldest);
    },
    latest: (id) => noted.get(id),
    flush: () => {
      writing ??= write().finally(() => {
        writing = undefined;
      });
      return writing;
    },
  };
}
