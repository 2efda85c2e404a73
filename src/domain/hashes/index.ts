/** SHELF: the password-hash schemes. A new scheme is its file and its line here. */
import { bcrypt } from './bcrypt.ts';
import { gatehouse } from './gatehouse.ts';
import type { CurrentHashing, HashScheme, NewHashScheme, PepperRing, Prepared } from './scheme.ts';

export const hashSchemes: readonly HashScheme[] = [
  gatehouse, //
  bcrypt,
];

/** The scheme that new passwords are stored in. */
export const newHashes: NewHashScheme = gatehouse;

/** A stored hash that can be verified, bound to its scheme. */
export interface RecognisedHash {
  readonly scheme: string;
  readonly cost: number;
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
    const { min, max } = scheme.cost;
    if (params.cost < min || params.cost > max) {
      const detail = `A ${scheme.name} hash must have a cost of ${min} to ${max}; this one has ${params.cost}.`;
      return { ok: false, reason: 'cost_out_of_bounds', detail };
    }
    const hash = {
      scheme: scheme.name,
      cost: params.cost,
      outdated: (current: CurrentHashing) => scheme.outdated(params, current),
      prepare: (password: string, keyring: PepperRing) => scheme.prepare(password, params, keyring),
    };
    return { ok: true, hash };
  }
  const supported = hashSchemes.map((scheme) => scheme.name).join(', ');
  return { ok: false, reason: 'unknown_scheme', detail: `Unknown scheme; supported are: ${supported}.` };
}
