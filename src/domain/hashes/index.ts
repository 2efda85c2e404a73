/** SHELF: the password-hash schemes. A new scheme is its file and its line here. */
import { argon2 } from './argon2.ts';
import { bcrypt } from './bcrypt.ts';
import { cyberpanel } from './cyberpanel.ts';
import { des } from './des.ts';
import { digests } from './digests.ts';
import { gatehouse } from './gatehouse.ts';
import { md5Crypt } from './md5-crypt.ts';
import type { Computer, CurrentHashing, HashScheme, NewHashScheme, PepperRing, Prepared } from './scheme.ts';
import { scrypt } from './scrypt.ts';
import { shaCrypt } from './sha-crypt.ts';
import { sha1Crypt } from './sha1-crypt.ts';
import { whyUnknown } from './unknown.ts';
import { yescrypt } from './yescrypt.ts';

export const hashSchemes: readonly HashScheme[] = [
  gatehouse,
  bcrypt,
  ...shaCrypt,
  ...yescrypt,
  ...md5Crypt,
  ...argon2,
  scrypt,
  ...des,
  sha1Crypt,
  ...digests,
  cyberpanel,
];

/** The scheme that new passwords are stored in. */
export const newHashes: NewHashScheme = gatehouse;

/** A stored hash that can be verified, bound to its scheme. */
export interface RecognisedHash {
  readonly scheme: string;
  /** Why it protects little, in a sentence. */
  readonly weak: string | undefined;
  readonly computer: Computer;
  /** The scheme computes by itself where the system's crypt(3) is missing. */
  readonly everywhere: boolean;
  outdated(current: CurrentHashing): boolean;
  prepare(password: string, keyring: PepperRing): Prepared;
}

/** `detail` is a sentence for whoever brought the hash; it never quotes it. */
export type Recognition =
  | { readonly ok: true; readonly hash: RecognisedHash }
  | {
      readonly ok: false;
      readonly reason: 'unknown_scheme' | 'cost_out_of_bounds';
      readonly detail: string;
    };

/** Which scheme a stored hash is of, and whether the house verifies it. */
export function recogniseHash(stored: string): Recognition {
  for (const scheme of hashSchemes) {
    const params = scheme.recognise(stored);
    if (params === null) continue;
    const detail = scheme.outOfBounds(params);
    if (detail !== undefined) return { ok: false, reason: 'cost_out_of_bounds', detail };
    const hash = {
      scheme: scheme.name,
      weak: scheme.weak,
      computer: scheme.computer,
      everywhere: scheme.compute !== undefined || scheme.computer === 'bcrypt',
      outdated: (current: CurrentHashing) => scheme.outdated(params, current),
      prepare: (password: string, keyring: PepperRing) => scheme.prepare(password, params, keyring),
    };
    return { ok: true, hash };
  }
  const supported = hashSchemes.map((scheme) => scheme.name);
  return { ok: false, reason: 'unknown_scheme', detail: whyUnknown(stored, supported) };
}
