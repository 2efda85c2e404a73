/** What follows from a pattern for logins: strangers are held back, the owner at a place of his own never. */
import type { Effect } from './pattern.ts';

export interface Hold {
  readonly effect: Extract<Effect, 'second_factor' | 'lock'>;
  /** A place that came in at the end of the pattern: a stranger's, however well it is known by now. */
  readonly entered: string | null;
}

export interface Comer {
  /** Undefined where the door does not say whence: nobody could be told from a stranger, so nobody is held back. */
  readonly place: string | undefined;
  /** The login came in well from there lately. */
  readonly known: boolean;
  /** Whether a second factor is shown, or will be asked for. */
  readonly factor: boolean;
}

/** Whether whoever shows the right password is turned away as with a wrong one. */
export function heldBack(holds: readonly Hold[], { place, known, factor }: Comer): boolean {
  if (place === undefined) return false;
  return holds.some(({ effect, entered }) => {
    if (known && entered !== place) return false;
    return effect === 'lock' || !factor;
  });
}
