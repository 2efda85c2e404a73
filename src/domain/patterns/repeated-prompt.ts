import { pattern, scoreOf, secondMs } from './pattern.ts';
import { windowsOf } from './windows.ts';

/** Somebody sits in a session and is not its owner, or a page in between asks the owner for his password again and again. */
export const repeatedPrompt = pattern({
  name: 'repeated_prompt',
  says: 'Somebody in a live session is asked who he is, and is wrong again and again.',
  effects: ['off', 'note', 'second_factor', 'lock'],
  effect: 'note',
  thresholds: { proofs: [6, 2, 1000], window_seconds: [900, 60, 86_400] },
  start(limits) {
    const refused = windowsOf<{ at: number; sessionId?: string | undefined }>(
      limits.window_seconds * secondMs,
    );
    return {
      see(seen) {
        if (seen.kind !== 'proof_refused') return undefined;
        const proofs = refused.add(seen.accountId, seen);
        if (proofs.length < limits.proofs) return undefined;
        const sessions = new Set(proofs.flatMap(({ sessionId }) => sessionId ?? []));
        return {
          key: seen.accountId,
          accountId: seen.accountId,
          at: seen.at,
          score: scoreOf(proofs.length, limits.proofs),
          says: `${proofs.length} proofs were wrong in ${sessions.size} sessions within ${limits.window_seconds / 60} minutes.`,
          evidence: {
            proofs: proofs.length,
            sessions: [...sessions].slice(0, 10),
            seconds: limits.window_seconds,
          },
        };
      },
    };
  },
});
