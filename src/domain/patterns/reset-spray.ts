import { Crowd } from './crowd.ts';
import { pattern, scoreOf, secondMs } from './pattern.ts';
import { usualRate } from './usual.ts';
import { dropOldest } from './windows.ts';

/** Resets of many accounts: somebody looks which names exist, or covers something with mails. */
export const resetSpray = pattern({
  name: 'reset_spray',
  says: 'Password resets of many accounts are asked for, and nobody uses them.',
  effects: ['off', 'note'],
  effect: 'note',
  thresholds: {
    logins: [10, 3, 10_000],
    window_seconds: [3600, 60, 86_400],
    // From many places: so many names, and so many times what is usual an hour.
    logins_all: [40, 5, 100_000],
    places_all: [5, 2, 10_000],
    surge: [4, 1, 100],
  },
  start(limits) {
    const spanMs = limits.window_seconds * secondMs;
    const byPlace = new Map<string, Crowd>();
    const all = new Crowd(spanMs);
    const usual = usualRate();
    return {
      see(seen) {
        if (seen.kind === 'reset_used') {
          for (const crowd of byPlace.values()) crowd.withdraw(seen.accountId);
          for (let taken = all.withdraw(seen.accountId); taken > 0; taken--) usual.takeBack(seen.at);
        }
        if (seen.kind !== 'reset_asked') return undefined;
        const tried = {
          at: seen.at,
          login: seen.accountId ?? `?${seen.name}`,
          place: seen.place ?? 'unknown',
        };
        all.add(tried);
        usual.add(seen.at);
        const here = byPlace.get(tried.place) ?? new Crowd(spanMs, 2000);
        byPlace.delete(tried.place);
        byPlace.set(tried.place, here);
        dropOldest(byPlace, 5_000);
        here.add(tried);
        if (seen.place !== undefined && here.logins >= limits.logins) {
          return {
            key: tried.place,
            at: seen.at,
            score: scoreOf(here.logins, limits.logins),
            says: `Resets of ${here.logins} names were asked for from ${tried.place}.`,
            evidence: { names: here.logins, requests: here.tries, place: tried.place },
          };
        }
        const expected = (usual.perHour(seen.at) * limits.window_seconds) / 3600;
        const least = Math.max(limits.logins_all, limits.surge * expected);
        if (all.logins < least || all.places < limits.places_all) return undefined;
        return {
          key: 'everywhere',
          at: seen.at,
          score: scoreOf(all.logins, least),
          says: `Resets of ${all.logins} names were asked for from ${all.places} places; ${Math.round(expected)} are usual.`,
          evidence: { names: all.logins, requests: all.tries, usual: expected, places: all.somePlaces() },
        };
      },
    };
  },
});
