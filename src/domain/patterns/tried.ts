/**
 * Guesses that may be an attack on many logins, by place and over all. An owner's own do not count: a secret that was
 * wrong before (an old mail client), a place from which the login came in lately (an office, a customer's home), and
 * whoever comes in after all from where he was wrong (a typing error).
 */
import { Crowd } from './crowd.ts';
import type { Observation } from './observation.ts';
import { usualRate } from './usual.ts';
import { dropOldest } from './windows.ts';

export interface Tried {
  /** The place that was tried from and its crowd; undefined when this was no such guess. */
  see(seen: Observation): { readonly place: string | undefined; readonly here: Crowd } | undefined;
  at(place: string): Crowd | undefined;
  readonly all: Crowd;
  /** Tries that are usual within the span. */
  usual(at: number): number;
}

const placesKept = 5_000;

export function triedLogins(spanMs: number): Tried {
  const byPlace = new Map<string, Crowd>();
  const all = new Crowd(spanMs);
  const rate = usualRate();
  return {
    see(seen) {
      if (seen.kind === 'entered' && seen.place !== undefined) {
        byPlace.get(seen.place)?.withdraw(seen.login, seen.place);
        for (let taken = all.withdraw(seen.login, seen.place); taken > 0; taken--) rate.takeBack(seen.at);
      }
      if (seen.kind !== 'guess' || seen.repeated || seen.known) return undefined;
      // A caller that does not say whence: such guesses are one place to the crowd, and nobody's of their own.
      const place = seen.place ?? 'unknown';
      const tried = { at: seen.at, login: seen.login, place };
      const here = byPlace.get(place) ?? new Crowd(spanMs, 2000);
      byPlace.delete(place);
      byPlace.set(place, here);
      dropOldest(byPlace, placesKept);
      here.add(tried);
      all.add(tried);
      rate.add(seen.at);
      return { place: seen.place, here };
    },
    at: (place) => byPlace.get(place),
    all,
    usual: (at) => (rate.perHour(at) * spanMs) / 3_600_000,
  };
}
