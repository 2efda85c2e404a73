/**
 * Verified credentials, for a minute: ten parallel FTP logins with one password cost one hash. Neither passwords nor
 * anything that a stranger could test guesses on is kept: entries are HMACs under a key of this process alone.
 */
import { createHmac } from 'node:crypto';
import type { World } from '../world.ts';

export interface VerifiedOptions {
  readonly world: World;
  readonly ttlMs?: number;
  /** Answers that one computation may give, its own included. */
  readonly maxUses?: number;
  readonly maxEntries?: number;
}

/** `stored` is part of what was verified: a hash that was changed behind the epoch's back is judged anew. */
export interface Claim {
  readonly store: string;
  readonly login: string;
  readonly password: string;
  readonly epoch: number;
  readonly stored: string;
}

export interface VerifiedAnswer {
  readonly ok: boolean;
  /** `joined`: shared the computation of another login that was in flight. */
  readonly cached: 'hit' | 'joined' | 'computed';
}

export interface Verified {
  /** Runs `compute` unless the same claim was proved lately or is being judged. Its error reaches all who wait. */
  check(claim: Claim, compute: () => Promise<boolean>): Promise<VerifiedAnswer>;
  /** Drops what is known of a name, also what is still being computed. */
  forget(store: string, login: string): void;
}

interface Proof {
  readonly name: string;
  readonly provedFrom: number;
  uses: number;
}

interface Flight {
  readonly name: string;
  readonly verdict: Promise<boolean>;
  joined: number;
}

/** Only successes are kept: a failure is shared while it is in flight, so that guesses are always judged. */
export function createVerified(options: VerifiedOptions): Verified {
  const { world, ttlMs = 60_000, maxUses = 100, maxEntries = 10_000 } = options;
  const key = world.random(32);
  const proofs = new Map<string, Proof>();
  const flights = new Map<string, Flight>();

  const useProof = (id: string, now: number): boolean => {
    const proof = proofs.get(id);
    if (proof === undefined) return false;
    const good = now - proof.provedFrom < ttlMs && proof.uses < maxUses;
    if (good) proof.uses += 1;
    else proofs.delete(id);
    return good;
  };

  const keep = (id: string, proof: Proof, now: number): void => {
    for (const [oldest, { provedFrom }] of proofs) {
      if (proofs.size < maxEntries && now - provedFrom < ttlMs) break;
      proofs.delete(oldest);
    }
    proofs.set(id, proof);
  };

  const fly = async (id: string, flight: Flight, begunAt: number): Promise<boolean> => {
    try {
      const ok = await flight.verdict;
      // Not after `forget`: what was verified may be what was just changed.
      if (ok && flights.get(id) === flight) {
        // The time runs from the start: that is when the stored hash was read.
        keep(id, { name: flight.name, provedFrom: begunAt, uses: 1 + flight.joined }, world.monotonicMs());
      }
      return ok;
    } finally {
      if (flights.get(id) === flight) flights.delete(id);
    }
  };

  return {
    async check(claim, compute) {
      const { store, login, password, epoch, stored } = claim;
      const id = keyed(key, [store, login, password, String(epoch), stored]);
      const begunAt = world.monotonicMs();
      if (useProof(id, begunAt)) return { ok: true, cached: 'hit' };
      const other = flights.get(id);
      if (other !== undefined) {
        other.joined += 1;
        return { ok: await other.verdict, cached: 'joined' };
      }
      const flight: Flight = { name: keyed(key, [store, login]), verdict: compute(), joined: 0 };
      flights.set(id, flight);
      return { ok: await fly(id, flight, begunAt), cached: 'computed' };
    },

    forget(store, login) {
      const name = keyed(key, [store, login]);
      for (const known of [proofs, flights]) {
        for (const [id, entry] of known) if (entry.name === name) known.delete(id);
      }
    },
  };
}

/** Each part behind its length, so that no two claims run into the same bytes. */
function keyed(key: Buffer, parts: readonly string[]): string {
  const mac = createHmac('sha256', key);
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    mac.update(length).update(bytes);
  }
  return mac.digest('base64');
}
