/**
 * Throttling of guesses. Nothing is ever held open: a guess is admitted or told when to come back.
 *
 * Budgets, each a counter of distinct wrong secrets:
 *   pair     this login from this source: a growing delay after a few misses
 *   name     this login from strangers: a wait after too many in the window
 *   strangers, familiar   in a row on one store's login: the hard cap (NIST 800-63B-4 3.2.2), split so that
 *            strangers can never use up the part kept for sources that logged in well lately
 *   source, network       over all logins: one place trying many names
 *   absent   this name, which the door itself does not know, from this source
 *   codes, codes_in_row   second-factor codes of one account, over all challenges and doors: ten in the window, and
 *            a hard cap in a row; only somebody who has the password gets this far
 *
 * A guess is booked as a failure before it is judged, so that guesses in parallel cannot slip past the count, and
 * taken back when it proves right. The same wrong secret counts once: an old password in a mail client locks nobody.
 * But it costs a hash each time, so repeats have a number in the window, beyond which they alone are put off.
 */
import type { ThrottlePolicy } from './policy.ts';

export const guessBudgets = ['pair', 'name', 'strangers', 'familiar', 'source', 'network', 'absent'] as const;
export type GuessBudget = (typeof guessBudgets)[number];
export const codeBudgets = ['codes', 'codes_in_row'] as const;
export type CodeBudget = (typeof codeBudgets)[number];
export type BudgetKind = GuessBudget | CodeBudget;

export interface Budget {
  readonly failures: number;
  /** Truncated keyed digests of the distinct wrong secrets last seen, newest last. */
  readonly digests: readonly string[];
  /** Guesses in the window that were none: the same wrong secret again. */
  readonly repeats: number;
  /** ms since 1970 */
  readonly windowStartedAt: number;
  /** ms since 1970; 0 when nothing blocks. */
  readonly blockedUntil: number;
}

export const emptyBudget: Budget = {
  failures: 0,
  digests: [],
  repeats: 0,
  windowStartedAt: 0,
  blockedUntil: 0,
};

export type Budgets = Readonly<Partial<Record<BudgetKind, Budget>>>;

export interface Admission<Kind extends BudgetKind = GuessBudget> {
  readonly admitted: true;
  readonly budgets: Budgets;
  /** The budgets in which this guess was counted, to be taken back if it proves right. */
  readonly booked: readonly Kind[];
  /** The budgets that have seen this very secret fail before. */
  readonly repeated: readonly Kind[];
}
export interface Throttled {
  readonly admitted: false;
  readonly retryAfterSeconds: number;
  readonly limit: BudgetKind;
}

const digestsKept = 32;
/** What a caller is told to wait where only the owner or the staff can lift the block. */
const capRetrySeconds = 3600;

export interface GuessFacts {
  /** The login came in well from this source lately: it answers only for itself. */
  readonly known: boolean;
  /** False when the door says that it has no such name, so that no password was judged. */
  readonly nameExistsAtDoor: boolean;
  /** False when the caller does not say where the guess comes from: all such would share one budget. */
  readonly sourceSaid: boolean;
}

/** Which budgets judge this guess. */
export function budgetsFor({ known, nameExistsAtDoor, sourceSaid }: GuessFacts): readonly GuessBudget[] {
  const places: readonly GuessBudget[] = sourceSaid ? ['source', 'network'] : [];
  if (!nameExistsAtDoor) return ['absent', ...places];
  return known ? ['pair', 'familiar'] : ['pair', 'name', 'strangers', ...places];
}

function limitOf(kind: BudgetKind, policy: ThrottlePolicy): number {
  const reserve = Math.min(policy.known_reserve, policy.hard_cap - 1);
  const limits: Readonly<Record<BudgetKind, number>> = {
    pair: policy.free_failures,
    name: policy.lock_failures,
    strangers: policy.hard_cap - reserve,
    familiar: reserve,
    source: policy.source_failures,
    network: policy.network_failures,
    absent: policy.free_failures,
    codes: policy.code_failures,
    codes_in_row: policy.code_hard_cap,
  };
  return limits[kind];
}

/** When the budget opens again after its `failures` at `now`; 0 when it is not used up. */
function blockAfter(kind: BudgetKind, budget: Budget, policy: ThrottlePolicy, now: number): number {
  const over = budget.failures - limitOf(kind, policy);
  if (over < 0) return 0;
  if (kind === 'pair' || kind === 'absent')
    return now + Math.min(policy.delay_cap_seconds, 2 ** Math.min(over, 20)) * 1000;
  if (kind === 'name') return now + policy.lock_seconds * 1000;
  if (inARow.includes(kind)) return Number.MAX_SAFE_INTEGER;
  return budget.windowStartedAt + policy.window_seconds * 1000;
}

const inARow: readonly BudgetKind[] = ['strangers', 'familiar', 'codes_in_row'];
const windowed: readonly BudgetKind[] = ['pair', 'name', 'source', 'network', 'absent', 'codes'];
/** Where repeats are counted: what one place may cost in hashes. */
const countsRepeats: readonly BudgetKind[] = ['pair', 'source'];

/** Forgets what lies before the window. The digests stay: a stale password stays one guess for as long as it is tried. */
function current(kind: BudgetKind, budget: Budget, policy: ThrottlePolicy, now: number): Budget {
  const span = kind === 'name' ? Math.max(policy.window_seconds, policy.lock_seconds) : policy.window_seconds;
  const over =
    windowed.includes(kind) && now >= budget.blockedUntil && now - budget.windowStartedAt >= span * 1000;
  const unlocked = kind === 'name' && budget.blockedUntil !== 0 && now >= budget.blockedUntil;
  return over || unlocked
    ? { ...budget, failures: 0, repeats: 0, windowStartedAt: now, blockedUntil: 0 }
    : budget;
}

function book(kind: BudgetKind, budget: Budget, digest: string, policy: ThrottlePolicy, now: number): Budget {
  const counted: Budget = {
    ...budget,
    failures: budget.failures + 1,
    digests: [...budget.digests, digest].slice(-digestsKept),
    windowStartedAt: budget.failures === 0 ? now : budget.windowStartedAt,
    blockedUntil: 0,
  };
  return { ...counted, blockedUntil: blockAfter(kind, counted, policy, now) };
}

/**
 * Judges whether a guess may be judged, and books it. `now` in ms; `digest` tells apart distinct secrets (and, where
 * only sources count, distinct names). The caller holds the budgets locked until it has stored the answer.
 */
export function admit<Kind extends BudgetKind>(
  kinds: readonly Kind[],
  budgets: Budgets,
  digest: string,
  policy: ThrottlePolicy,
  now: number,
): Admission<Kind> | Throttled {
  const next: Partial<Record<BudgetKind, Budget>> = {};
  const booked: Kind[] = [];
  const repeated: Kind[] = [];
  let worst: Throttled | undefined;
  for (const kind of kinds) {
    const budget = current(kind, budgets[kind] ?? emptyBudget, policy, now);
    const seen = kind !== 'absent' && budget.digests.includes(digest);
    const until = Math.max(budget.blockedUntil, seen ? repeatsUntil(kind, budget, policy) : 0);
    if (until > now) {
      const wait = Math.min(capRetrySeconds, Math.ceil((until - now) / 1000));
      if (worst === undefined || wait > worst.retryAfterSeconds) {
        worst = { admitted: false, retryAfterSeconds: wait, limit: kind };
      }
      continue;
    }
    next[kind] = seen ? { ...budget, repeats: budget.repeats + 1 } : book(kind, budget, digest, policy, now);
    (seen ? repeated : booked).push(kind);
  }
  return worst ?? { admitted: true, budgets: next, booked, repeated };
}

/** Until when a repeat is put off, once the window's number of them is used up; 0 before. */
function repeatsUntil(kind: BudgetKind, budget: Budget, policy: ThrottlePolicy): number {
  if (!countsRepeats.includes(kind) || budget.repeats < policy.repeated_guesses) return 0;
  return budget.windowStartedAt + policy.window_seconds * 1000;
}

/**
 * After a repeat was judged wrong: counts it where whoever booked it took it back meanwhile, unjudged. Otherwise
 * guesses sent in pairs, one of them into a full queue, would never be counted.
 */
export function confirm(
  repeated: readonly BudgetKind[],
  budgets: Budgets,
  digest: string,
  policy: ThrottlePolicy,
  now: number,
): Budgets {
  const next: Partial<Record<BudgetKind, Budget>> = {};
  for (const kind of repeated) {
    const budget = current(kind, budgets[kind] ?? emptyBudget, policy, now);
    if (!budget.digests.includes(digest)) next[kind] = book(kind, budget, digest, policy, now);
  }
  return next;
}

function takeBack(kind: BudgetKind, budget: Budget, digest: string, policy: ThrottlePolicy): Budget {
  const failures = Math.max(0, budget.failures - 1);
  return {
    ...budget,
    failures,
    digests: budget.digests.filter((each) => each !== digest),
    blockedUntil: failures < limitOf(kind, policy) ? 0 : budget.blockedUntil,
  };
}

/** Takes a booking back that was never judged: the hash queue was full. */
export function release(
  booked: readonly BudgetKind[],
  budgets: Budgets,
  digest: string,
  policy: ThrottlePolicy,
): Budgets {
  const next: Partial<Record<BudgetKind, Budget>> = {};
  for (const kind of booked) next[kind] = takeBack(kind, budgets[kind] ?? emptyBudget, digest, policy);
  return next;
}

/**
 * Takes a guess off the counts that turned out to be none, such as the previous password. It stays known as wrong: a
 * repeat of it is a repeat.
 */
export function forgive(
  kinds: readonly BudgetKind[],
  budgets: Budgets,
  digest: string,
  policy: ThrottlePolicy,
): Budgets {
  const next: Partial<Record<BudgetKind, Budget>> = {};
  for (const kind of kinds) {
    const budget = budgets[kind];
    if (!budget?.digests.includes(digest)) continue;
    next[kind] = { ...takeBack(kind, budget, digest, policy), digests: budget.digests };
  }
  return next;
}

/**
 * After a login that something else than the password opened: only this very booking is taken back. Else whoever holds
 * an app password would start the counts of the password afresh as often as he likes, and guess it without end.
 */
export function withdraw(
  { booked, repeated }: Pick<Admission, 'booked' | 'repeated'>,
  budgets: Budgets,
  digest: string,
  policy: ThrottlePolicy,
): Budgets {
  const next: Partial<Record<BudgetKind, Budget>> = { ...release(booked, budgets, digest, policy) };
  for (const kind of repeated) {
    const budget = budgets[kind] ?? emptyBudget;
    next[kind] = { ...budget, repeats: Math.max(0, budget.repeats - 1) };
  }
  return next;
}

/**
 * After a good login: this source starts afresh, and so do the counts in a row. The counts of strangers and of
 * sources only lose this very booking: else an attacker would log in to an account of his own, or wait for the
 * owner's FTP client to log in, and start afresh as well.
 */
export function settle(
  admission: Pick<Admission, 'booked' | 'repeated'>,
  budgets: Budgets,
  digest: string,
  policy: ThrottlePolicy,
): Budgets {
  const next = withdraw(admission, budgets, digest, policy);
  return { ...next, pair: emptyBudget, strangers: emptyBudget, familiar: emptyBudget };
}

/** After a good code: the count in a row starts afresh; the window's only loses this very booking. */
export function settleCode(
  booked: readonly BudgetKind[],
  budgets: Budgets,
  digest: string,
  policy: ThrottlePolicy,
): Budgets {
  return { ...release(booked, budgets, digest, policy), codes_in_row: emptyBudget };
}
