import type { EnteredSeen, GuessSeen } from './observation.ts';
import { type Finding, type Judge, pattern, scoreOf, secondMs, some } from './pattern.ts';
import { strangersPrompts } from './prompts.ts';
import { triedLogins } from './tried.ts';
import { windowsOf } from './windows.ts';

/** What was tried again and again has worked. */
export const floodThenSuccess = pattern({
  name: 'flood_then_success',
  says: 'An account was entered from a new place right after a flood of guesses, prompts or resets.',
  effects: ['off', 'note', 'second_factor', 'lock'],
  effect: 'second_factor',
  thresholds: {
    // Elastic: 5 denied prompts, then a success, in 10 minutes.
    prompts: [5, 2, 1000],
    prompt_window_seconds: [600, 60, 86_400],
    resets: [5, 2, 1000],
    reset_window_seconds: [3600, 60, 86_400],
    // Elastic, one account from many sources: 5 addresses, 10 tries, 30 minutes.
    places: [5, 2, 1000],
    tries: [10, 3, 10_000],
    guess_window_seconds: [1800, 60, 86_400],
    // One place that tried so many other logins before.
    logins: [5, 2, 10_000],
    login_window_seconds: [3600, 60, 86_400],
  },
  start(limits): Judge {
    const prompts = strangersPrompts(limits.prompt_window_seconds * secondMs);
    const resets = windowsOf<{ at: number }>(limits.reset_window_seconds * secondMs);
    const guesses = windowsOf<GuessSeen>(limits.guess_window_seconds * secondMs);
    const tried = triedLogins(limits.login_window_seconds * secondMs);

    const found = (
      seen: { readonly accountId: string; readonly at: number },
      by: string,
      [count, limit]: readonly [number, number],
      says: string,
      more: Readonly<Record<string, unknown>> = {},
    ): Finding => ({
      key: seen.accountId,
      accountId: seen.accountId,
      at: seen.at,
      score: scoreOf(count, limit),
      says,
      evidence: { by, count, ...more },
    });

    const entered = (seen: EnteredSeen): Finding | undefined => {
      const { accountId, at, place } = seen;
      const asked = prompts.of(accountId, at);
      if (seen.factor) prompts.forget(accountId);
      if (seen.known || place === undefined) return undefined;
      const after = { entered: place };
      if (seen.factor && asked.prompts >= limits.prompts) {
        const says = `A code was right after ${asked.prompts} prompts, from a new place: ${place}.`;
        return { ...found(seen, 'prompts', [asked.prompts, limits.prompts], says, { place }), ...after };
      }
      const before = guesses.of(seen.login, at);
      const places = new Set(before.flatMap((each) => each.place ?? []));
      if (before.length >= limits.tries && places.size >= limits.places) {
        const says = `A password was right after ${before.length} wrong ones from ${places.size} places.`;
        const more = { place, places: some(places) };
        return { ...found(seen, 'guesses', [before.length, limits.tries], says, more), ...after };
      }
      const crowd = tried.at(place);
      const others = crowd?.logins ?? 0;
      if (others < limits.logins) return undefined;
      const says = `${place} tried ${others} other logins before this one let it in.`;
      const more = { place, some_logins: crowd?.someLogins() };
      return { ...found(seen, 'place', [others, limits.logins], says, more), ...after };
    };

    return {
      see(seen) {
        tried.see(seen);
        if (seen.kind === 'prompt' || seen.kind === 'code_refused') prompts.add(seen);
        if (seen.kind === 'guess' && !seen.known && !seen.repeated) guesses.add(seen.login, seen);
        if (seen.kind === 'reset_asked' && seen.accountId !== undefined) resets.add(seen.accountId, seen);
        if (seen.kind === 'entered') return entered(seen);
        if (seen.kind !== 'reset_used') return undefined;
        const asked = resets.of(seen.accountId, seen.at).length;
        resets.forget(seen.accountId);
        if (asked < limits.resets) return undefined;
        const says = `A reset was used after ${asked} were asked for.`;
        // Whoever is flooded may well use one, to be rid of it: strangers must not shut him out by that.
        return { ...found(seen, 'resets', [asked, limits.resets], says), onlyNote: true };
      },
    };
  },
});
