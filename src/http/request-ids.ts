/** The number that a caller can quote. */
import { idBytes, idFrom } from '../domain/token.ts';
import type { World } from '../world.ts';

const drawnAtOnce = 256;

/**
 * Makes request ids. They are no secrets, so chance is drawn for many at once: asking the generator anew for each
 * was 7 % of a session check.
 */
export function requestIds(world: Pick<World, 'random'>): () => string {
  let chance: Buffer = Buffer.alloc(0);
  let used = 0;
  return () => {
    if (used >= chance.length) {
      chance = world.random(idBytes * drawnAtOnce);
      used = 0;
    }
    used += idBytes;
    return idFrom('request', chance.subarray(used - idBytes, used));
  };
}
