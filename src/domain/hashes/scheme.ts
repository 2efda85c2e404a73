/** What a password-hash scheme says about itself. One scheme, one file, one line in `index.ts`. */
import type { KeyRing } from '../keyring.ts';

/** The part of the key ring that schemes read. */
export type PepperRing = Pick<KeyRing, 'pepper'>;

/** What a stored hash says in its own text. `cost` is the base-2 logarithm of the rounds, as in bcrypt. */
export interface HashParams {
  readonly cost: number;
}

/** What new passwords are hashed with now. */
export interface CurrentHashing {
  readonly cost: number;
  readonly pepperId: string;
}

/** One computation for the pool. It holds no stored hash: the worker cannot know what would have matched. */
export interface HashWork {
  readonly scheme: string;
  /** UTF-8 text without NUL, because libcrypt ends a phrase at the first NUL. */
  readonly phrase: Buffer;
  /** The setting of crypt(3): scheme, cost and salt. */
  readonly setting: string;
  /** What it takes, counted in rounds of bcrypt (2^cost), so that cheaper hashes can be levelled up. */
  readonly rounds: number;
}

/** Why no computation could ever match. `nul_in_password` is a wrong password; the rest is the stored hash's fault. */
export type NeverMatches = 'nul_in_password' | 'pepper_unknown';

/** `expected` is the end that the computed text must have; compare it in constant time. */
export type Prepared =
  | { readonly work: HashWork; readonly expected: string }
  | { readonly never: NeverMatches };

export interface HashScheme<P extends HashParams = HashParams> {
  readonly name: string;
  /** Costs that are verified. Below: no protection worth keeping. Above: one login would hold a thread for long. */
  readonly cost: { readonly min: number; readonly max: number };
  /** The parameters when the text is of this scheme, whatever its cost; null otherwise. */
  recognise(stored: string): P | null;
  /** Whether a login that knows the password should store a new hash. */
  outdated(params: P, current: CurrentHashing): boolean;
  prepare(password: string, params: P, keyring: PepperRing): Prepared;
  /** Pure computation for a scheme that crypt(3) does not know. It runs in the worker, like all others. */
  compute?(phrase: Buffer, setting: string): string;
}

/** A scheme that new passwords can be stored in. */
export interface NewHashScheme {
  readonly name: string;
  /** `salt`: 16 random bytes. `stored` turns the computed text into what the database keeps. */
  create(
    password: string,
    cost: number,
    salt: Buffer,
    keyring: PepperRing,
  ): { readonly work: HashWork; stored(computed: string): string };
}
