import { dayMs, pattern, scoreOf } from './pattern.ts';
import { windowsOf } from './windows.ts';

/** "We will never ask for your password": somebody in our name has. */
export const staffRequest = pattern({
  name: 'staff_request',
  says: 'Somebody of the staff, or a machine in their name, asks customers for passwords or codes.',
  effects: ['off', 'note'],
  effect: 'note',
  thresholds: { messages: [1, 1, 1000] },
  start(limits) {
    const asked = windowsOf<{ at: number; medium: string }>(dayMs);
    return {
      see(seen) {
        if (seen.kind !== 'secret_asked') return undefined;
        const messages = asked.add(seen.by, seen);
        if (messages.length < limits.messages) return undefined;
        const media = [...new Set(messages.map(({ medium }) => medium))];
        return {
          key: seen.by,
          ...(seen.accountId === undefined ? {} : { accountId: seen.accountId }),
          at: seen.at,
          // Whoever judged the message has counted it.
          times: 0,
          score: scoreOf(messages.length, limits.messages),
          says: `${seen.by} asked for a secret in ${messages.length} messages within a day.`,
          evidence: { by: seen.by, messages: messages.length, media },
        };
      },
    };
  },
});
