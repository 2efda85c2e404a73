/** What a daemon that judges passwords itself made of a login: its misses count as ours do. */
import type { AuditEvent } from '../domain/event.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { logins } from '../metrics.ts';
import type { DaemonGuess } from '../protocol/dovecot.ts';
import type { Ctx } from './context.ts';
import { askAbout, bookAttempt, confirmAttempt, settleAttempt } from './steps/book-attempt.ts';
import { guessDigest, guessFrom } from './steps/guess.ts';
import { isKnownSource } from './steps/known-source.ts';
import { aboutLogin, loginDetail, refuseLogin } from './steps/let-in.ts';
import { mayNot } from './steps/may.ts';

/** Books the guess, or settles it after a good one. The secret itself never came: a digest stands for it. */
export async function takeGuess(ctx: Ctx, told: DaemonGuess, right: boolean): Promise<Outcome<undefined>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  const guess = guessFrom(told);
  const read = await askAbout(ctx, guess);
  const { policy, found, knownAt } = read;
  if (right) {
    const digest = guessDigest(ctx.house.digestKey, guess);
    const nothing = {
      admitted: true,
      booked: [],
      repeated: [],
      closed: [],
      knownSource: false,
      digest,
      standing: read.budgets,
    } as const;
    await ctx.act(async (tx) => {
      await settleAttempt(tx, ctx, guess, nothing, policy, found?.credential.id);
      const known = isKnownSource(ctx, policy.throttle, guess, knownAt) ? { known: true } : {};
      const detail = { ...loginDetail(guess), method: 'daemon', ...known };
      const event: AuditEvent = { kind: 'login.allowed', ...aboutLogin(found?.account, guess), detail };
      return { value: undefined, events: [event] };
    });
    logins.inc({ store: guess.store, decision: 'allow' });
    return done(undefined);
  }
  const booking = await bookAttempt(ctx, guess, policy, read);
  if (!booking.admitted) return done(undefined);
  await confirmAttempt(ctx, guess, booking, policy);
  const closed = booking.closed.map(
    (limit): AuditEvent => ({
      kind: 'login.throttled',
      ...aboutLogin(found?.account, guess),
      detail: { ...loginDetail(guess), limit },
    }),
  );
  const reason = found === undefined ? 'unknown_login' : 'wrong_password';
  await refuseLogin(ctx, guess, { reason, account: found?.account, booked: booking }, closed);
  return done(undefined);
}
