/** The only place that reads the clock or draws chance; everything else is handed a `World`. */
import { randomBytes } from 'node:crypto';

export interface World {
  /** The wall clock. Taken once a request, so that one decision never sees two times. */
  now(): Date;
  /** Milliseconds that never run backwards, for measuring spans. */
  monotonicMs(): number;
  /** Bytes from the system's cryptographic generator. */
  random(bytes: number): Buffer;
}

export const systemWorld: World = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  random: (bytes) => randomBytes(bytes),
};
