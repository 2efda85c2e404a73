/** Judging a password against a stored hash, or against a decoy, with the same work either way. */
import { timingSafeEqual } from 'node:crypto';
import { recogniseHash } from '../domain/hashes/index.ts';
import type { HashWork, PepperRing } from '../domain/hashes/scheme.ts';
import type { HashDone } from './job.ts';

/** `unverifiable`: the stored hash can never match, and somebody should hear of it. */
export interface HashVerdict {
  readonly ok: boolean;
  readonly outdated: boolean;
  readonly unverifiable?: 'unknown_scheme' | 'cost_out_of_bounds' | 'pepper_unknown' | 'not_computable';
}

export interface Judges {
  /**
   * `outdated`: right, and worth storing anew by compare-and-set. It takes the work of `decoy` whatever is stored,
   * except where the stored hash is dearer than a new one: then it takes longer (see `levelling.ts`).
   */
  verify(password: string, stored: string): Promise<HashVerdict>;
  /** The work of a verification, for a name that does not exist or may not log in. */
  decoy(password: string): Promise<void>;
}

export type HashPurpose = 'verify' | 'decoy' | 'create';

/** Has work done in the pool, lifted to the current cost. */
export type Run = (purpose: HashPurpose, work: HashWork) => Promise<Pick<HashDone, 'text'>>;

/** `decoyHash`: of a password that nobody knows, in the scheme and at the cost of new ones. */
export function judgesOf(
  run: Run,
  at: { readonly keyring: PepperRing; readonly cost: number; readonly decoyHash: string },
): Judges {
  const { keyring, cost } = at;
  const decoyed = recogniseHash(at.decoyHash);
  if (!decoyed.ok) throw new Error('the decoy hash cannot be used');

  const decoy = async (password: string): Promise<void> => {
    const prepared = decoyed.hash.prepare(password, keyring);
    if ('never' in prepared) throw new Error(`the decoy hash cannot be used: ${prepared.never}`);
    await run('decoy', prepared.work);
  };

  // A hash that is of no use must not answer faster than a name that does not exist.
  const refuse = async (
    password: string,
    unverifiable?: HashVerdict['unverifiable'],
  ): Promise<HashVerdict> => {
    await decoy(password);
    return { ok: false, outdated: false, ...(unverifiable && { unverifiable }) };
  };

  const verify = async (password: string, stored: string): Promise<HashVerdict> => {
    const seen = recogniseHash(stored);
    if (!seen.ok) return refuse(password, seen.reason);
    const prepared = seen.hash.prepare(password, keyring);
    if ('never' in prepared) {
      return refuse(password, prepared.never === 'impossible_password' ? undefined : prepared.never);
    }
    const { text } = await run('verify', prepared.work);
    if (text === '') return { ok: false, outdated: false, unverifiable: 'not_computable' };
    const ok = endsAlike(text, prepared.expected);
    return { ok, outdated: ok && seen.hash.outdated({ cost, pepperId: keyring.pepper.current.id }) };
  };

  return { verify, decoy };
}

/** In constant time for a given length, which is public: it follows from the scheme. */
function endsAlike(computed: string, expected: string): boolean {
  const end = Buffer.from(computed.slice(-expected.length));
  const wanted = Buffer.from(expected);
  return wanted.length > 0 && end.length === wanted.length && timingSafeEqual(end, wanted);
}
