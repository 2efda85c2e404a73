/** Log in: book the guess, judge it outside any transaction, then check again and open, all under one lock. */
import type { AuditEvent } from '../domain/event.ts';
import { normalPassword } from '../domain/password.ts';
import { type Hold, heldBack } from '../domain/patterns/effects.ts';
import { channelAllowed, mayComeThisWay, type Policy } from '../domain/policy.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { HashingBusy } from '../hashing/admission.ts';
import { logins } from '../metrics.ts';
import type { AuthenticateAnswer, AuthenticateRequest } from '../protocol/api.ts';
import { markAppPasswordUsed } from '../store/app-passwords.ts';
import type { Tx } from '../store/db.ts';
import { hasSecondFactor } from '../store/factors.ts';
import { grantFor } from '../store/grants.ts';
import type { Ctx } from './context.ts';
import { askFactor } from './steps/ask-factor.ts';
import {
  askAbout,
  type Booking,
  bookAttempt,
  confirmAttempt,
  releaseAttempt,
  settleAttempt,
} from './steps/book-attempt.ts';
import { bookCode, settleBookedCode } from './steps/book-code.ts';
import { refuseClearText } from './steps/clear-text.ts';
import { type Guess, guessFrom } from './steps/guess.ts';
import { codeKindOf, judgeCode } from './steps/judge-code.ts';
import {
  countedBy,
  judgeSecret,
  type RightSecret,
  shownAppPassword,
  type WrongSecret,
} from './steps/judge-secret.ts';
import {
  type Asked,
  aboutLogin,
  comingBy,
  letIn,
  loginDetail,
  type Notice,
  refuseLogin,
} from './steps/let-in.ts';
import { boundElsewhere, boundHost, mayNot } from './steps/may.ts';
import { lookAtOldPassword } from './steps/old-password.ts';
import type { Entry } from './steps/open-session.ts';

/** A login on its way: what was asked, and what was booked for it. */
interface Walk {
  readonly ctx: Ctx;
  readonly input: Asked;
  readonly guess: Guess;
  readonly policy: Policy;
  readonly booking: Booking;
}

/**
 * `POST /v1/authenticate` (contract section 5). Answers a decision for every name alike; refuses with `busy` when
 * the hash queue is full. ASVS 5.0 6.3.1, 6.3.8; NIST 800-63B-4 3.2.2.
 */
export async function authenticate(ctx: Ctx, asked: Asked): Promise<Outcome<AuthenticateAnswer>> {
  const no = mayNotAsk(ctx, asked);
  if (no) return no;
  const guess = guessFrom(asked);
  if (guess.channel.store !== guess.store) {
    const message = `the channel ${guess.channel.name} belongs to the store ${guess.channel.store}`;
    return refuse('invalid_field', { errors: [{ path: 'channel', message }] });
  }
  if (!guess.nameUnknown && asked.password === undefined) {
    return refuse('invalid_field', { errors: [{ path: 'password', message: 'is missing' }] });
  }
  const read = await askAbout(ctx, guess);
  const { policy, found, factors, holds } = read;
  if (!channelAllowed(policy, guess.channel.name, guess.source)) {
    return done(await refuseLogin(ctx, guess, { reason: 'channel_refused' }));
  }
  if (!mayComeThisWay(policy, guess.channel.name, asked.encrypted)) {
    return done(await refuseClearText(ctx, guess, found));
  }
  const shown = await shownAppPassword(ctx, guess, found, asked.read_only_enforced === true);
  const booking = await bookAttempt(ctx, guess, policy, read, countedBy(guess, found, shown));
  if (!booking.admitted) {
    logins.inc({ store: guess.store, decision: 'throttled' });
    return done({ decision: 'throttled', retry_after_seconds: booking.retryAfterSeconds });
  }
  const verdict = await judgeSecret(ctx, guess, found, factors, shown).catch(busyOr);
  if (verdict instanceof HashingBusy) {
    // Only what was never judged is taken back: any other fault leaves the guess counted.
    await releaseAttempt(ctx, guess, booking, policy);
    return refuse('busy', { retryAfterSeconds: verdict.retryAfterSeconds });
  }
  const walk: Walk = { ctx, input: asked, guess, policy, booking };
  if (verdict.ok && isHeldBack(walk, verdict, holds)) {
    // As after a wrong password, in all that can be seen and counted.
    return done(await afterWrongSecret(walk, { ok: false, reason: 'held_back', account: verdict.account }));
  }
  return done(await (verdict.ok ? afterRightSecret(walk, verdict) : afterWrongSecret(walk, verdict)));
}

/** An app password is no guess at the password, and has its own end. */
function isHeldBack({ guess, booking, input }: Walk, right: RightSecret, holds: readonly Hold[]): boolean {
  if (right.appPassword !== undefined) return false;
  const asksFactor = hasSecondFactor(right.factors);
  const place = guess.source === undefined ? undefined : guess.prefixes.host;
  // Where a factor is asked for, the challenge is given as ever: its codes are what opens nothing (`redeem-challenge`).
  const locked = holds.filter(
    ({ effect }) => !(effect === 'lock' && asksFactor && wouldAsk(guess, input, right)),
  );
  return heldBack(locked, { place, known: booking.knownSource, factor: asksFactor });
}

const wouldAsk = (guess: Guess, input: Asked, right: RightSecret) =>
  guess.canAsk && input.otp === undefined && right.code === undefined;

function mayNotAsk(ctx: Ctx, input: AuthenticateRequest) {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  const elsewhere = input.host === undefined ? undefined : boundElsewhere(ctx, input.host);
  if (elsewhere) return elsewhere;
  if (boundHost(ctx) !== undefined && (input.store === 'panel' || input.open_session === true)) {
    return refuse('not_allowed', { detail: 'A key that is bound to a host opens no sessions by token.' });
  }
  return undefined;
}

function busyOr(error: unknown): HashingBusy {
  if (error instanceof HashingBusy) return error;
  throw error;
}

async function afterWrongSecret(walk: Walk, verdict: WrongSecret): Promise<AuthenticateAnswer> {
  const { ctx, guess, booking, policy } = walk;
  await confirmAttempt(ctx, guess, booking, policy);
  const throttled = booking.closed.map(
    (limit): AuditEvent => ({
      kind: 'login.throttled',
      ...aboutLogin(verdict.account, guess),
      detail: { ...loginDetail(guess), limit },
    }),
  );
  const answer = await refuseLogin(ctx, guess, { ...verdict, booked: booking }, throttled);
  lookAtOldPassword(ctx, guess, verdict.reason, booking);
  return answer;
}

async function afterRightSecret(walk: Walk, right: RightSecret): Promise<AuthenticateAnswer> {
  const { ctx, input, guess } = walk;
  if (right.appPassword !== undefined) return withAppPassword(walk, right, right.appPassword);
  if (!hasSecondFactor(right.factors)) {
    const notices = shortPasswordNotices(guess, walk.policy);
    return letInBy(walk, right, { method: 'password', shown: 'secret', notices });
  }
  const code = input.otp ?? right.code;
  if (code !== undefined) return withCode(walk, right, code);
  // The place is remembered as the owner's once the second factor was shown there too.
  const settle = (tx: Tx) => settleAttempt(tx, ctx, guess, walk.booking, walk.policy, undefined);
  // First: who approved of this address is not asked there, by programs that could not answer.
  const grant =
    guess.source && (await grantFor(ctx.read, right.account.id, guess.store, guess.source, ctx.now));
  if (grant) {
    return letInBy(walk, right, { method: 'password+grant', access: { grantId: grant.id }, shown: 'secret' });
  }
  const known = walk.booking.knownSource;
  if (guess.canAsk) return askFactor(ctx, input, guess, right, settle, { known });
  await ctx.touch(settle);
  return refuseLogin(ctx, guess, { reason: 'second_factor_required', account: right.account });
}

/**
 * Nobody is kept out for a password that another system took, or that was long enough beside a factor which is gone;
 * but its length is known now, and never again (NIST 800-63B-4 3.1.1.2).
 */
function shortPasswordNotices(guess: Guess, { password: { min_length } }: Policy): Notice[] {
  if ([...normalPassword(guess.password)].length >= min_length) return [];
  const message = `Your password is shorter than ${min_length} characters: please choose a longer one.`;
  return [{ kind: 'short_password', message }];
}

function withAppPassword(
  walk: Walk,
  right: RightSecret,
  { id, readOnly }: NonNullable<RightSecret['appPassword']>,
): Promise<AuthenticateAnswer> {
  const by = { method: 'app_password', access: { appPasswordId: id }, readOnly };
  const { ctx, guess } = walk;
  return letInBy(walk, right, by, async (tx) => {
    await markAppPasswordUsed(tx, id, ctx.now, guess.source);
    return undefined;
  });
}

/** Password and code at once. A wrong code is a wrong guess: the caller cannot tell which of the two it was. */
async function withCode(walk: Walk, right: RightSecret, code: string): Promise<AuthenticateAnswer> {
  const { ctx, guess, policy } = walk;
  const { account } = right;
  const booked = await bookCode(ctx, account.id, policy);
  if (!booked.admitted) {
    logins.inc({ store: guess.store, decision: 'throttled' });
    return { decision: 'throttled', retry_after_seconds: booked.retryAfterSeconds };
  }
  const kind = codeKindOf(code);
  return letInBy(walk, right, { method: `password+${kind}`, shown: 'factor' }, async (tx) => {
    if (!(await judgeCode(tx, ctx, account.id, { kind, code }))) return 'wrong_code';
    await settleBookedCode(tx, ctx, account.id, booked, policy);
    return undefined;
  });
}

type By = Pick<Entry, 'method' | 'access' | 'shown'> & {
  readonly readOnly?: boolean;
  readonly notices?: readonly Notice[];
};

function letInBy(
  walk: Walk,
  right: RightSecret,
  { readOnly, notices = [], ...by }: By,
  first: (tx: Tx) => ReturnType<Parameters<typeof letIn>[2]> = async () => undefined,
): Promise<AuthenticateAnswer> {
  const { ctx, input, guess, policy, booking } = walk;
  // A public computer is nobody's own place.
  const rememberFor = input.profile === 'public' ? undefined : right.credential.id;
  const coming = { ...comingBy(guess, input, right, by), readOnly, notices, better: right.better };
  const shown = right.appPassword === undefined ? 'password' : 'app_password';
  return letIn(ctx, { ...coming, known: booking.knownSource }, first, (tx) =>
    settleAttempt(tx, ctx, guess, booking, policy, rememberFor, shown),
  );
}
