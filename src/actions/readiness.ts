/** Whether this node can decide anything now. */
import { answers } from '../store/db.ts';
import type { House } from './context.ts';

export { isOutage, isUnstorable } from '../store/db.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly checks: { readonly database: boolean; readonly hashing: boolean };
}

/** A queue longer than this means that logins are being refused. */
const queueMs = 2000;

export async function isReady(house: House): Promise<Readiness> {
  const database = await answers(house.database);
  const hashing = house.hashing.waitMs() < queueMs;
  return { ready: database && hashing, checks: { database, hashing } };
}
