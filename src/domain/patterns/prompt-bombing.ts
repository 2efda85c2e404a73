import { pattern, scoreOf, secondMs, some } from './pattern.ts';
import { strangersPrompts } from './prompts.ts';

/** Somebody has the password and comes to the second factor again and again: until the owner tires, or a code fits. */
export const promptBombing = pattern({
  name: 'prompt_bombing',
  says: 'Somebody who has the password asks for the second factor again and again.',
  effects: ['off', 'note', 'lock'],
  effect: 'lock',
  thresholds: {
    // Elastic, MFA bombing: 5 in 10 minutes with no success between them.
    prompts: [5, 2, 1000],
    codes: [8, 3, 1000],
    window_seconds: [600, 60, 86_400],
  },
  start(limits) {
    const strangers = strangersPrompts(limits.window_seconds * secondMs);
    return {
      see(seen) {
        if (seen.kind === 'entered' && seen.factor) strangers.forget(seen.accountId);
        if (seen.kind !== 'prompt' && seen.kind !== 'code_refused') return undefined;
        strangers.add(seen);
        // The owner at home sets nothing off, whatever strangers did before.
        if (seen.known) return undefined;
        const { prompts, codes, places } = strangers.of(seen.accountId, seen.at);
        if (prompts < limits.prompts && codes < limits.codes) return undefined;
        return {
          key: seen.accountId,
          accountId: seen.accountId,
          at: seen.at,
          score: Math.max(scoreOf(prompts, limits.prompts), scoreOf(codes, limits.codes)),
          says: `The second factor was asked for ${prompts} times in ${limits.window_seconds / 60} minutes, and ${codes} answers were wrong.`,
          evidence: { prompts, wrong_answers: codes, seconds: limits.window_seconds, places: some(places) },
        };
      },
    };
  },
});
