import type { Crowd } from './crowd.ts';
import { type Finding, pattern, scoreOf, secondMs } from './pattern.ts';
import { triedLogins } from './tried.ts';

/** Logins and passwords of a stolen list, each tried once or twice. */
export const credentialStuffing = pattern({
  name: 'credential_stuffing',
  says: 'Many logins are tried once or twice each, as from a list of stolen passwords.',
  effects: ['off', 'note'],
  effect: 'note',
  thresholds: {
    // Elastic, one source: 25 tries at 15 users, few at 80 % of them, within 15 minutes.
    tries: [25, 5, 100_000],
    logins: [15, 3, 100_000],
    few_tries: [2, 1, 10],
    window_seconds: [900, 60, 86_400],
    // From many places: so many addresses, and so many times what is usual.
    tries_all: [40, 5, 1_000_000],
    logins_all: [30, 3, 1_000_000],
    places_all: [5, 2, 10_000],
    surge: [4, 1, 100],
  },
  start(limits) {
    const lately = triedLogins(limits.window_seconds * secondMs);
    const fewEach = (crowd: Crowd) => crowd.within(1, limits.few_tries) >= 0.8 * crowd.logins;
    const finding = (key: string, at: number, crowd: Crowd, score: number, from: string): Finding => ({
      key,
      at,
      score,
      says: `${crowd.logins} logins were tried from ${from}, few times each.`,
      evidence: {
        ...{ tries: crowd.tries, logins: crowd.logins, seconds: limits.window_seconds },
        ...{ places: crowd.somePlaces(), some_logins: crowd.someLogins() },
      },
    });
    return {
      see(seen) {
        const tried = lately.see(seen);
        if (tried === undefined) return undefined;
        const { place, here } = tried;
        const list = here.tries >= limits.tries && here.logins >= limits.logins && fewEach(here);
        if (place !== undefined && list) {
          return finding(place, seen.at, here, scoreOf(here.tries, limits.tries), place);
        }
        const { all } = lately;
        const usual = lately.usual(seen.at);
        const least = Math.max(limits.tries_all, limits.surge * usual);
        if (all.tries < least || all.logins < limits.logins_all || all.places < limits.places_all) {
          return undefined;
        }
        if (!fewEach(all)) return undefined;
        return finding('everywhere', seen.at, all, scoreOf(all.tries, least), `${all.places} places`);
      },
    };
  },
});
