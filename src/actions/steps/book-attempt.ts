/** Books a guess before it is judged, so that guesses in parallel are counted one by one. */
import type { Policy } from '../../domain/policy.ts';
import {
  type Admission,
  admit,
  type Budgets,
  budgetsFor,
  confirm,
  emptyBudget,
  type GuessBudget,
  guessBudgets,
  release,
  settle,
  type Throttled,
  withdraw,
} from '../../domain/throttle.ts';
import {
  lockBudgets,
  rememberSource,
  saveBudgets,
  swapBudgets,
  swapBudgetsAhead,
} from '../../store/attempts.ts';
import type { Tx } from '../../store/db.ts';
import { askLogin, type LoginAsked } from '../../store/entry.ts';
import { type Ctx, unchanged } from '../context.ts';
import { budgetKeys, type Guess, guessDigest, placeOf } from './guess.ts';
import { isKnownSource } from './known-source.ts';

export interface Booking extends Pick<Admission, 'admitted' | 'booked' | 'repeated'> {
  readonly digest: string;
  /** Budgets that this booking used up: the next guess will wait. */
  readonly closed: readonly GuessBudget[];
  readonly knownSource: boolean;
  /** How the budgets of this guess stood when it was booked, with it. */
  readonly standing: Budgets;
}

/** All that is read before a guess is booked. */
export async function askAbout(ctx: Ctx, guess: Guess): Promise<LoginAsked> {
  const place = { prefix: guess.prefixes.host, keys: budgetKeys(guess, guessBudgets) };
  return askLogin(ctx.read, guess, place, ctx.now);
}

/**
 * @param asked what was read of the login a moment ago: where the budgets still stand so, one question books the guess
 * @param by `app_password` for a good one: nobody guesses it, so that no guesses at the password keep it out. Its login
 * counts for its place alone, like any other until it is settled.
 */
export async function bookAttempt(
  ctx: Ctx,
  guess: Guess,
  policy: Policy,
  { knownAt, budgets: read }: Pick<LoginAsked, 'knownAt' | 'budgets'>,
  by: 'password' | 'app_password' = 'password',
): Promise<Booking | Throttled> {
  const { throttle } = policy;
  const knownSource = isKnownSource(ctx, throttle, guess, knownAt);
  const digest = guessDigest(ctx.house.digestKey, guess);
  const kinds = budgetsFor({
    known: knownSource,
    nameExistsAtDoor: !guess.nameUnknown,
    sourceSaid: guess.source !== undefined,
  }).filter((kind) => by === 'password' || kind === 'source' || kind === 'network');
  const keys = budgetKeys(guess, kinds);
  const now = ctx.now.getTime();
  const booking = ({ booked, repeated, budgets }: Admission): Booking => {
    const closed = booked.filter((kind) => (budgets[kind] ?? emptyBudget).blockedUntil > now);
    const standing = { ...read, ...budgets };
    return { admitted: true, digest, booked, repeated, closed, knownSource, standing };
  };
  const first = admit(kinds, read, digest, throttle, now);
  if (!first.admitted) return first;
  // A wrong guess is answered with an event, and so after a commit; a right one that is forgotten was none.
  if (await swapBudgetsAhead(ctx.read, keys, read, first.budgets, ctx.now)) return booking(first);
  return ctx.touch<Booking | Throttled>(async (tx) => {
    const verdict = admit(kinds, await lockBudgets(tx, keys, ctx.now), digest, throttle, now);
    // Undone: guesses that are put off leave no rows behind, or a flood of them would fill the table.
    if (!verdict.admitted) return unchanged(verdict);
    await saveBudgets(tx, keys, verdict.budgets, ctx.now);
    return booking(verdict);
  });
}

/** Takes the booking back: it was never judged. */
export async function releaseAttempt(
  ctx: Ctx,
  guess: Guess,
  booking: Booking,
  policy: Policy,
): Promise<void> {
  if (booking.booked.length === 0) return;
  const keys = budgetKeys(guess, booking.booked);
  await ctx.touch(async (tx) => {
    const budgets = await lockBudgets(tx, keys, ctx.now);
    const released = release(booking.booked, budgets, booking.digest, policy.throttle);
    await saveBudgets(tx, keys, released, ctx.now);
  });
}

/** After a repeat of a wrong guess was judged: it stands, even where its first judge gave its booking back. */
export async function confirmAttempt(
  ctx: Ctx,
  guess: Guess,
  booking: Booking,
  policy: Policy,
): Promise<void> {
  if (booking.repeated.length === 0) return;
  const keys = budgetKeys(guess, booking.repeated);
  await ctx.touch(async (tx) => {
    const budgets = await lockBudgets(tx, keys, ctx.now);
    const now = ctx.now.getTime();
    const counted = confirm(booking.repeated, budgets, booking.digest, policy.throttle, now);
    await saveBudgets(tx, keys, counted, ctx.now);
  });
}

/**
 * After a good login: this source starts afresh, unless it was not the password that let it in, and is remembered for
 * the credential, if one is named.
 */
export async function settleAttempt(
  tx: Tx,
  ctx: Ctx,
  guess: Guess,
  booking: Booking,
  policy: Policy,
  rememberFor: string | undefined,
  by: 'password' | 'app_password' = 'password',
): Promise<void> {
  const afresh: readonly GuessBudget[] = by === 'password' ? ['pair', 'strangers', 'familiar'] : [];
  const kinds = [...new Set<GuessBudget>([...booking.booked, ...booking.repeated, ...afresh])];
  const keys = budgetKeys(guess, kinds);
  const after = (budgets: Budgets) =>
    (by === 'password' ? settle : withdraw)(booking, budgets, booking.digest, policy.throttle);
  const place = placeOf(guess);
  const [swapped] = await Promise.all([
    swapBudgets(tx, keys, booking.standing, after(booking.standing), ctx.now),
    rememberFor !== undefined && place !== undefined
      ? rememberSource(tx, rememberFor, place, ctx.now)
      : undefined,
  ]);
  if (!swapped) await saveBudgets(tx, keys, after(await lockBudgets(tx, keys, ctx.now)), ctx.now);
}
