/** What a password-hash scheme says about itself. One scheme (or family of one algorithm), one file, one line in `index.ts`. */
import type { KeyRing } from '../keyring.ts';

/** The part of the key ring that schemes read. */
export type PepperRing = Pick<KeyRing, 'pepper'>;

/** What new passwords are hashed with now. */
export interface CurrentHashing {
  readonly cost: number;
  readonly pepperId: string;
}

/** One computation for the pool. It holds no stored hash: the worker cannot know what would have matched. */
export interface HashWork {
  readonly scheme: string;
  /** UTF-8 text; without NUL where crypt(3) computes, because it ends a phrase at the first one. */
  readonly phrase: Buffer;
  /** What the computer of the scheme needs: for crypt(3) its setting of scheme, cost and salt. */
  readonly setting: string;
  /** What it takes, in rounds of bcrypt (2^cost): counted where the scheme is bcrypt, else a guess for the queue. */
  readonly rounds: number;
  /** The rounds are a guess: the worker levels by the time that it really took. */
  readonly guessed?: true;
}

/** Why no computation could ever match. `impossible_password` is a wrong password; the rest is the stored hash's fault. */
export type NeverMatches = 'impossible_password' | 'pepper_unknown';

/** `expected` is the end that the computed text must have; compare it in constant time. */
export type Prepared =
  | { readonly work: HashWork; readonly expected: string }
  | { readonly never: NeverMatches };

/**
 * Who computes: the bcrypt engine of the threads; the system's crypt(3), which is not on every system; the Argon2
 * library; or the scheme's own `compute`, from `node:crypto`. A scheme of crypt(3) may have a `compute` too, for
 * systems without it.
 */
export type Computer = 'bcrypt' | 'crypt' | 'argon2' | 'itself';

export interface HashScheme<P extends object = object> {
  readonly name: string;
  /** Why a hash of this scheme protects little, in a sentence for the host; undefined when it does. */
  readonly weak?: string;
  readonly computer: Computer;
  /** The parameters when the text is of this scheme, whatever its cost; null otherwise. */
  recognise(stored: string): P | null;
  /** Why a hash of this cost is not verified: it protects nothing, or one login would hold a thread or its memory. */
  outOfBounds(params: P): string | undefined;
  /** Whether a login that knows the password should store a new hash. */
  outdated(params: P, current: CurrentHashing): boolean;
  prepare(password: string, params: P, keyring: PepperRing): Prepared;
  /** Pure computation, in the worker like all others. Its text ends with what is `expected`. */
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
