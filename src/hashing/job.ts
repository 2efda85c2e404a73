/** What passes between the pool and its workers. */
import type { Computer, HashWork } from '../domain/hashes/scheme.ts';

export type EngineName = 'libcrypt' | 'bcryptjs';
export type EngineWish = 'auto' | EngineName;

/** Handed to each worker once. `probe` is a random phrase that both engines must agree on. */
export interface WorkerStart {
  readonly engine: EngineWish;
  readonly probe: string;
}

export interface HashJob {
  readonly scheme: string;
  readonly phrase: Uint8Array;
  readonly setting: string;
  readonly rounds: number;
  readonly guessed: boolean;
  /** Work is lifted to that of one bcrypt of this cost. */
  readonly levelTo: number;
}

export interface HashDone {
  /** Empty when nothing here computes the scheme, or its computer refused the setting: it matches nothing then. */
  readonly text: string;
  /** What it took in rounds of bcrypt, levelling included: counted, or measured where the scheme is another one. */
  readonly rounds: number;
  readonly ms: number;
  readonly engine: EngineName;
  readonly computers: readonly Computer[];
  /** Why the wished engine is not in use. */
  readonly engineFault?: string;
}

/** The phrase gets memory of its own: posting a slice of Node's shared buffer would copy other secrets along. */
export function jobOf(work: HashWork, levelTo: number): HashJob {
  const { scheme, setting, rounds, guessed = false } = work;
  return { scheme, setting, rounds, guessed, phrase: Uint8Array.from(work.phrase), levelTo };
}
