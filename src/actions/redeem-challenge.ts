/** The second half of a login: the factor is judged, then everything is checked again and the door opens. */
import { canonicalLogin } from '../domain/login.ts';
import type { PasskeyAnswer } from '../domain/passkey.ts';
import { heldBack } from '../domain/patterns/effects.ts';
import type { Policy } from '../domain/policy.ts';
import { done, type LoginRefusal, type Outcome } from '../domain/refusal.ts';
import { tokenHash } from '../domain/token.ts';
import { logins } from '../metrics.ts';
import type { AuthenticateAnswer, RedeemRequest } from '../protocol/api.ts';
import { holdsOn } from '../store/account-effects.ts';
import { rememberSource } from '../store/attempts.ts';
import { type ChallengeRow, countTry, openChallenge, spendChallenge } from '../store/challenges.ts';
import { loginNamed } from '../store/credentials.ts';
import type { Tx } from '../store/db.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import type { HalfDone } from './steps/ask-factor.ts';
import { bookCode, settleBookedCode } from './steps/book-code.ts';
import { type Guess, guessFrom, placeOf } from './steps/guess.ts';
import { judgeCode } from './steps/judge-code.ts';
import { judgePasskey, passkeyCloned, usePasskey } from './steps/judge-passkey.ts';
import type { Found } from './steps/judge-secret.ts';
import { comingBy, letIn, refuseLogin } from './steps/let-in.ts';
import { mayNot } from './steps/may.ts';
import { loginByPasskey } from './steps/passkey-login.ts';

interface HalfLogin {
  readonly row: ChallengeRow;
  readonly half: HalfDone;
  readonly guess: Guess;
  readonly found: Found;
}

/** Whom a foreign program lets in after a yes, where it names him again with the second half. */
export interface Named {
  readonly login: string;
  readonly channel: string;
}

const over: AuthenticateAnswer = { decision: 'deny', reason: 'invalid_credentials' };

/**
 * `POST /v1/authenticate/challenge` (contract section 5). Tries are counted before they are judged: so many a
 * challenge, and so many an account over all its challenges (NIST 800-63B-4 3.2.2; ASVS 5.0 6.6.3). What was proved
 * by the first half is checked again: a password changed meanwhile ends it.
 *
 * @param named must be who began it, at that door: else the code of one login would open another one's.
 */
export async function redeemChallenge(
  ctx: Ctx,
  input: RedeemRequest,
  named?: Named,
): Promise<Outcome<AuthenticateAnswer>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  const login = await halfLogin(ctx, input.challenge_id, named);
  if (login === undefined) return done(await withoutFirstHalf(ctx, input));
  const { policy } = await policyInForce(ctx.read);
  const most = policy.throttle.challenge_tries;
  const counted = await ctx.touch((tx) => countTry(tx, login.row.idHash, most, ctx.now));
  if (!counted) return done(await refused(ctx, login, 'challenge_over'));
  if (input.kind === 'passkey') return done(await byPasskey(ctx, login, input.response as PasskeyAnswer));
  return done(await byCode(ctx, login, input, policy));
}

/** A passkey alone: it needs no first half, and says itself who comes. */
async function withoutFirstHalf(ctx: Ctx, input: RedeemRequest): Promise<AuthenticateAnswer> {
  if (input.kind !== 'passkey') return over;
  return loginByPasskey(ctx, input.challenge_id, input.response as PasskeyAnswer);
}

/** The challenge, if it is this caller's and can still be redeemed, with whom it is about. */
async function halfLogin(ctx: Ctx, id: string, named: Named | undefined): Promise<HalfLogin | undefined> {
  const row = await openChallenge(ctx.read, tokenHash(id), ctx.now);
  if (row?.purpose !== 'login' || row.askedBy !== ctx.actor.id) return undefined;
  const half = row.entry as HalfDone;
  const guess = guessFrom(half.asked);
  if (named && (canonicalLogin(named.login) !== guess.login || named.channel !== guess.channel.name)) {
    return undefined;
  }
  const found = await loginNamed(ctx.read, guess.store, guess.login);
  return found?.credential.id === half.credentialId ? { row, half, guess, found } : undefined;
}

function refused(
  ctx: Ctx,
  { guess, found, half }: HalfLogin,
  reason: LoginRefusal,
  fault?: string,
): Promise<AuthenticateAnswer> {
  const more = fault === undefined ? {} : { fault };
  const booked = { knownSource: half.known === true, repeated: [] };
  return refuseLogin(ctx, guess, { reason, account: found.account, booked, ...more });
}

async function byCode(
  ctx: Ctx,
  login: HalfLogin,
  shown: Extract<RedeemRequest, { code: string }>,
  policy: Policy,
): Promise<AuthenticateAnswer> {
  const { id } = login.found.account;
  const booked = await bookCode(ctx, id, policy);
  if (!booked.admitted) {
    logins.inc({ store: login.guess.store, decision: 'throttled' });
    return { decision: 'throttled', retry_after_seconds: booked.retryAfterSeconds };
  }
  return finish(ctx, login, shown.kind, async (tx) => {
    if (!(await judgeCode(tx, ctx, id, shown))) return 'wrong_code';
    await settleBookedCode(tx, ctx, id, booked, policy);
    return undefined;
  });
}

/** No budget of codes: nobody guesses a signature, and whoever used that budget up must not keep the owner out. */
async function byPasskey(ctx: Ctx, login: HalfLogin, answer: PasskeyAnswer): Promise<AuthenticateAnswer> {
  const { webauthn } = login.row;
  if (webauthn === null) return refused(ctx, login, 'unknown_passkey', 'none was asked for');
  const judged = await judgePasskey(ctx, login.found.account.id, webauthn, answer);
  if (!judged.ok) return refused(ctx, login, judged.reason, judged.fault);
  let cloned = false;
  const decision = await finish(ctx, login, 'passkey', async (tx) => {
    const fault = await usePasskey(tx, ctx, judged);
    cloned = fault === 'passkey_cloned';
    return fault;
  });
  if (cloned) await passkeyCloned(ctx, judged);
  return decision;
}

function finish(
  ctx: Ctx,
  { row, half, guess, found }: HalfLogin,
  kind: RedeemRequest['kind'],
  spend: (tx: Tx) => Promise<LoginRefusal | undefined>,
): Promise<AuthenticateAnswer> {
  const { credential, account } = found;
  const by = { method: `${half.first ?? 'password'}+${kind}`, shown: 'factor' } as const;
  const coming = { ...comingBy(guess, half.asked, found, by), known: half.known === true };
  // Nobody guesses a key or a signature: a pattern never keeps their owner out.
  const guessable = half.first === undefined && kind !== 'passkey';
  const [place, own] = [guess.source && guess.prefixes.host, placeOf(guess)];
  // The epoch of then: whatever changed since the password was judged ends the half-done login.
  const verified = { credentialId: credential.id, epoch: half.epoch };
  const along = async (tx: Tx): Promise<LoginRefusal | undefined> => {
    if ((await spendChallenge(tx, row.idHash, ctx.now)) === undefined) return 'challenge_over';
    const holds = guessable ? await holdsOn(tx, account.id, credential.updatedAt, ctx.now) : [];
    if (heldBack(holds, { place, known: coming.known, factor: true })) return 'held_back';
    const no = await spend(tx);
    if (no !== undefined) return no;
    if (half.asked.profile !== 'public' && own !== undefined) {
      await rememberSource(tx, credential.id, own, ctx.now);
    }
    return undefined;
  };
  return letIn(ctx, { ...coming, entry: { ...coming.entry, verified } }, along);
}
