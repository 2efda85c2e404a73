/** What passes between the pool and its workers. */
import type { HashWork } from '../domain/hashes/scheme.ts';

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
  /** Work is lifted to 2^levelTo rounds of bcrypt. */
  readonly levelTo: number;
}

export interface HashDone {
  readonly text: string;
  /** Rounds of bcrypt computed in all, levelling included. */
  readonly rounds: number;
  readonly ms: number;
  readonly engine: EngineName;
  /** Why the wished engine is not in use. */
  readonly engineFault?: string;
}

/** The phrase gets memory of its own: posting a slice of Node's shared buffer would copy other secrets along. */
export function jobOf(work: HashWork, levelTo: number): HashJob {
  return { ...work, phrase: Uint8Array.from(work.phrase), levelTo };
}
