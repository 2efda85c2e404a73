import type { Crowd } from './crowd.ts';
import { dayMs, type Finding, pattern, scoreOf, secondMs } from './pattern.ts';
import { triedLogins } from './tried.ts';

/** A few common passwords at many logins: slow enough for each of them to stay below what its own counts allow. */
export const passwordSpray = pattern({
  name: 'password_spray',
  says: 'A few passwords each are tried at many logins.',
  effects: ['off', 'note'],
  effect: 'note',
  thresholds: {
    // Elastic, one source: 5 users, 15 tries, 2 to 6 at 60 % of them, 8 at most, lasting 5 minutes, within the hour.
    logins: [5, 3, 10_000],
    tries: [15, 5, 100_000],
    lasting_seconds: [300, 0, 3600],
    window_seconds: [3600, 60, 86_400],
    // Elastic, many sources: 5 addresses, 8 users, 25 tries; and so many times what is usual.
    places_all: [5, 2, 10_000],
    logins_all: [8, 3, 100_000],
    tries_all: [25, 5, 1_000_000],
    surge: [4, 1, 100],
    // Low and slow from one place: so many logins in a day, and none of them came in.
    day_logins: [20, 5, 100_000],
  },
  start(limits) {
    const lately = triedLogins(limits.window_seconds * secondMs);
    const day = triedLogins(dayMs);
    const isSpray = (crowd: Crowd) =>
      crowd.logins >= limits.logins &&
      crowd.tries >= limits.tries &&
      crowd.within(2, 6) >= 0.6 * crowd.logins &&
      crowd.mostTries <= 8 &&
      crowd.lastedMs >= limits.lasting_seconds * secondMs;
    const from = (place: string, at: number, crowd: Crowd, score: number, seconds: number): Finding => ({
      key: place,
      at,
      score,
      says: `${crowd.tries} wrong passwords at ${crowd.logins} logins from ${place}.`,
      evidence: {
        ...{ tries: crowd.tries, logins: crowd.logins, seconds, place },
        some_logins: crowd.someLogins(),
      },
    });
    return {
      see(seen) {
        const [tried, inDay] = [lately.see(seen), day.see(seen)];
        if (tried === undefined || inDay === undefined) return undefined;
        const { place, here } = tried;
        if (place !== undefined && isSpray(here)) {
          return from(place, seen.at, here, scoreOf(here.tries, limits.tries), limits.window_seconds);
        }
        if (place !== undefined && inDay.here.logins >= limits.day_logins) {
          return from(place, seen.at, inDay.here, scoreOf(inDay.here.logins, limits.day_logins), 86_400);
        }
        const { all } = lately;
        const usual = lately.usual(seen.at);
        const least = Math.max(limits.tries_all, limits.surge * usual);
        const wide = all.places >= limits.places_all && all.logins >= limits.logins_all;
        // One try each is what stolen lists look like.
        if (!wide || all.tries < least || all.tries < 1.5 * all.logins) return undefined;
        return {
          key: 'everywhere',
          at: seen.at,
          score: scoreOf(all.tries, least),
          says: `${all.tries} wrong passwords at ${all.logins} logins from ${all.places} places; ${Math.round(usual)} are usual.`,
          evidence: {
            ...{ tries: all.tries, logins: all.logins, usual, seconds: limits.window_seconds },
            ...{ places: all.somePlaces(), some_logins: all.someLogins() },
          },
        };
      },
    };
  },
});
