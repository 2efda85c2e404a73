import { dayMs, pattern, scoreOf, secondMs, some } from './pattern.ts';
import { windowsOf } from './windows.ts';

/** Mails with links for one account, one after the other: to annoy, to hide another mail, or until one is used. */
export const resetFlood = pattern({
  name: 'reset_flood',
  says: 'Password resets of one account are asked for again and again, and nobody uses them.',
  effects: ['off', 'note', 'slow_mails'],
  effect: 'slow_mails',
  thresholds: {
    // Elastic, Okta password reset: 5 by one actor in 60 minutes.
    requests: [5, 3, 1000],
    window_seconds: [3600, 60, 86_400],
    day_requests: [12, 3, 10_000],
  },
  start(limits) {
    const day = windowsOf<{ at: number; place: string | undefined }>(dayMs);
    const spanMs = limits.window_seconds * secondMs;
    return {
      see(seen) {
        if (seen.kind === 'reset_used') day.forget(seen.accountId);
        if (seen.kind !== 'reset_asked' || seen.accountId === undefined) return undefined;
        const all = day.add(seen.accountId, seen);
        const lately = all.filter(({ at }) => at > seen.at - spanMs);
        const fast = lately.length >= limits.requests;
        if (!fast && all.length < limits.day_requests) return undefined;
        const counted = fast ? lately : all;
        const places = some(counted.flatMap(({ place }) => place ?? []));
        return {
          key: seen.accountId,
          accountId: seen.accountId,
          at: seen.at,
          score: scoreOf(counted.length, fast ? limits.requests : limits.day_requests),
          says: `${counted.length} resets were asked for in ${fast ? minutes(spanMs) : 'a day'}, and none was used.`,
          evidence: { requests: counted.length, seconds: fast ? limits.window_seconds : 86_400, places },
        };
      },
    };
  },
});

const minutes = (ms: number) => `${Math.round(ms / 60_000)} minutes`;
