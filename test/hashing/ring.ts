/** Key rings and worlds for the tests of hashing. */
import type { PepperRing } from '../../src/domain/hashes/scheme.ts';
import type { Pepper } from '../../src/domain/keyring.ts';
import { systemWorld, type World } from '../../src/world.ts';

export const oldPepper: Pepper = { id: 'p1', key: Buffer.alloc(32, 1) };
export const newPepper: Pepper = { id: 'p2', key: Buffer.alloc(32, 2) };

/** The first one is current. */
export function ringOf(...peppers: [Pepper, ...Pepper[]]): PepperRing {
  return { pepper: { current: peppers[0], byId: (id) => peppers.find((pepper) => pepper.id === id) } };
}

/** A world whose monotonic clock only moves by `pass`. */
export function stillWorld(): World & { pass(ms: number): void } {
  let ms = 1000;
  return {
    ...systemWorld,
    monotonicMs: () => ms,
    pass: (span) => {
      ms += span;
    },
  };
}
