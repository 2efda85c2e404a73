/** The second half of a login: the factor is judged, then everything is checked again and the door opens. */
import type { Policy } from '../domain/policy.ts';
import { done, type LoginRefusal, type Outcome } from '../domain/refusal.ts';
import { tokenHash } from '../domain/token.ts';
import { logins } from '../metrics.ts';
import type { AuthenticateAnswer, RedeemRequest } from '../protocol/api.ts';
import { rememberSource } from '../store/attempts.ts';
import { type ChallengeRow, countTry, openChallenge, spendChallenge } from '../store/challenges.ts';
import { loginNamed } from '../store/credentials.ts';
import type { Tx } from '../store/db.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import type { HalfDone } from './steps/ask-factor.ts';
import { bookCode, type CodeBooking, settleBookedCode } from './steps/book-code.ts';
import { type Guess, guessFrom } from './steps/guess.ts';
import { judgeCode } from './steps/judge-code.ts';
import type { Found } from './steps/judge-secret.ts';
import { comingBy, letIn, refuseLogin } from './steps/let-in.ts';
import { mayNot } from './steps/may.ts';

interface HalfLogin {
  readonly row: ChallengeRow;
  readonly half: HalfDone;
  readonly guess: Guess;
  readonly found: Found;
}

const over: AuthenticateAnswer = { decision: 'deny', reason: 'invalid_credentials' };

/**
 * `POST /v1/authenticate/challenge` (contract section 5). Tries are counted before they are judged: so many a
 * challenge, and so many an account over all its challenges (NIST 800-63B-4 3.2.2; ASVS 5.0 6.6.3). What was proved
 * by the first half is checked again: a password changed meanwhile ends it.
 */
export async function redeemChallenge(ctx: Ctx, input: RedeemRequest): Promise<Outcome<AuthenticateAnswer>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  const login = await halfLogin(ctx, input.challenge_id);
  if (login === undefined) return done(over);
  const { policy } = await policyInForce(ctx.read);
  const booked = await bookTry(ctx, login, policy);
  if (booked === undefined) return done(await refused(ctx, login, 'challenge_over'));
  if (!booked.admitted) {
    logins.inc({ store: login.guess.store, decision: 'throttled' });
    return done({ decision: 'throttled', retry_after_seconds: booked.retryAfterSeconds });
  }
  return done(await finish(ctx, login, input, booked, policy));
}

/** The challenge, if it is this caller's and can still be redeemed, with whom it is about. */
async function halfLogin(ctx: Ctx, id: string): Promise<HalfLogin | undefined> {
  const row = await openChallenge(ctx.read, tokenHash(id), ctx.now);
  if (row?.purpose !== 'login' || row.askedBy !== ctx.actor.id) return undefined;
  const half = row.entry as HalfDone;
  const guess = guessFrom(half.asked);
  const found = await loginNamed(ctx.read, guess.store, guess.login);
  return found?.credential.id === half.credentialId ? { row, half, guess, found } : undefined;
}

async function bookTry(ctx: Ctx, { row, found }: HalfLogin, policy: Policy) {
  const most = policy.throttle.challenge_tries;
  const counted = await ctx.touch((tx) => countTry(tx, row.idHash, most, ctx.now));
  return counted ? bookCode(ctx, found.account.id, policy) : undefined;
}

function refused(ctx: Ctx, { guess, found }: HalfLogin, reason: LoginRefusal): Promise<AuthenticateAnswer> {
  return refuseLogin(ctx, guess, { reason, account: found.account });
}

async function finish(
  ctx: Ctx,
  { row, half, guess, found }: HalfLogin,
  input: RedeemRequest,
  booked: CodeBooking,
  policy: Policy,
): Promise<AuthenticateAnswer> {
  const { account, credential } = found;
  const coming = comingBy(guess, half.asked, found, { method: `password+${input.kind}`, shown: 'factor' });
  // The epoch of then: whatever changed since the password was judged ends the half-done login.
  const verified = { credentialId: credential.id, epoch: half.epoch };
  const along = async (tx: Tx): Promise<LoginRefusal | undefined> => {
    if ((await spendChallenge(tx, row.idHash, ctx.now)) === undefined) return 'challenge_over';
    if (!(await judgeCode(tx, ctx, account.id, input))) return 'wrong_code';
    await settleBookedCode(tx, ctx, account.id, booked, policy);
    if (half.asked.profile !== 'public' && guess.source !== undefined) {
      await rememberSource(tx, credential.id, guess.prefixes.host, ctx.now);
    }
    return undefined;
  };
  return letIn(ctx, { ...coming, entry: { ...coming.entry, verified } }, along);
}
