import { and, eq, gte, inArray, lt, sql } from 'drizzle-orm';
import type { StoreName } from '../domain/channels/index.ts';
import type { Budget, BudgetKind, Budgets } from '../domain/throttle.ts';
import { ask, type Reader, type Tx } from './db.ts';
import { attempts, knownSources } from './tables/attempts.ts';
import { credentials } from './tables/credentials.ts';

export type BudgetKeys = Readonly<Partial<Record<BudgetKind, string>>>;

interface BudgetRow extends Budget {
  readonly key: string;
}

// One parameter for any number of rows: every login has the same statement, planned once. The update that takes the
// lock changes nothing that is indexed, so that it leaves the indexes alone.
const locking = `insert into attempts (key, digests, touched_at)
  select key, '{}', $2::timestamptz from jsonb_array_elements_text($1::text::jsonb) wanted(key) order by key
  on conflict (key) do update set failures = attempts.failures
  returning key, failures, digests, repeats, window_started_at::float8 as "windowStartedAt", blocked_until::float8 as "blockedUntil"`;

const swapping =
  'select gatehouse_swap_budgets($1::text::jsonb, $2::text::jsonb, $3::timestamptz) as swapped';
const swappingAhead = swapping.replace('select', "select set_config('synchronous_commit', 'off', true),");

/**
 * Its rows are there and locked, so that each ends as an update, found by its key. A join would be planned for the empty
 * table of a new installation, and go on to read all of it. When a row was touched is indexed, so it is told to the hour:
 * what is tidied away is older than a day.
 */
const saving = `insert into attempts as a (key, failures, digests, repeats, window_started_at, blocked_until, touched_at)
  select key, failures, digests, repeats, "windowStartedAt", "blockedUntil", $2::timestamptz
    from jsonb_to_recordset($1::text::jsonb) as b(key text, failures int, digests text[], repeats int,
      "windowStartedAt" bigint, "blockedUntil" bigint) order by key
  on conflict (key) do update set failures = excluded.failures, digests = excluded.digests, repeats = excluded.repeats,
    window_started_at = excluded.window_started_at, blocked_until = excluded.blocked_until,
    touched_at = case when a.touched_at < $2::timestamptz - interval '1 hour' then $2::timestamptz else a.touched_at end`;

/**
 * The budgets under their locks. Rows are made where missing and always locked in the order of their keys, so
 * that two logins that share a source never wait for each other in a ring.
 */
export async function lockBudgets(tx: Tx, keys: BudgetKeys, at: Date): Promise<Budgets> {
  const rows = await ask<BudgetRow>(tx, locking, [JSON.stringify(Object.values(keys)), at.toISOString()]);
  return byKind(keys, rows);
}

/**
 * Stores budgets if all of them still stand as they were read, without a lock: what was decided on `was` is decided as if
 * it had held them. False where one was changed meanwhile, and nothing is stored then. A budget that was not there and is
 * to be empty makes no row.
 */
export const swapBudgets = (
  at: Reader,
  keys: BudgetKeys,
  was: Budgets,
  next: Budgets,
  now: Date,
): Promise<boolean> => swap(swapping, at, keys, was, next, now);

/** No transaction, whose whole commit would not wait for the disk either. */
type Pool = Reader & { readonly rollback?: never };

/**
 * `swapBudgets` without waiting for the disk. What is written later cannot be on it sooner: whoever answers a guess only
 * after a commit of its own answers none that a crash of PostgreSQL could forget.
 */
export const swapBudgetsAhead = (
  pool: Pool,
  keys: BudgetKeys,
  was: Budgets,
  next: Budgets,
  now: Date,
): Promise<boolean> => swap(swappingAhead, pool, keys, was, next, now);

async function swap(
  text: string,
  at: Reader,
  keys: BudgetKeys,
  was: Budgets,
  next: Budgets,
  now: Date,
): Promise<boolean> {
  const rows = rowsOf(keys, next).filter(({ kind, row }) => was[kind] !== undefined || !isEmpty(row));
  if (rows.length === 0) return true;
  const stood = rows.flatMap(({ kind, row: { key } }) => {
    const b = was[kind];
    return b === undefined
      ? []
      : [[key, [b.failures, b.digests, b.repeats, b.windowStartedAt, b.blockedUntil]]];
  });
  const parameters = [Object.fromEntries(stood), rows.map(({ row }) => row)].map((each) =>
    JSON.stringify(each),
  );
  const [told] = await ask<{ swapped: boolean }>(at, text, [...parameters, now.toISOString()]);
  return told?.swapped === true;
}

const isEmpty = ({ failures, digests, repeats, blockedUntil }: Budget) =>
  failures === 0 && digests.length === 0 && repeats === 0 && blockedUntil === 0;

function rowsOf(keys: BudgetKeys, budgets: Budgets): { kind: BudgetKind; row: BudgetRow }[] {
  return (Object.entries(budgets) as [BudgetKind, Budget][]).flatMap(([kind, budget]) => {
    const key = keys[kind];
    return key === undefined ? [] : [{ kind, row: { ...budget, key } }];
  });
}

/**
 * What of a select tells the budgets of keys, an expression for an array of JSON; see `budgetsIn`. Key by key (`offset 0`
 * keeps the planner from making a join of it), for the reason given at `saving`.
 */
export const budgetsColumn = (keys: string) => `(select json_agg(json_build_object('key', t.key,
    'failures', t.failures, 'digests', t.digests, 'repeats', t.repeats, 'windowStartedAt', t.window_started_at,
    'blockedUntil', t.blocked_until))
  from jsonb_array_elements_text(${keys}::text::jsonb) wanted(key),
    lateral (select * from attempts where attempts.key = wanted.key offset 0) t) as budgets`;

export interface BudgetsSelected {
  readonly budgets: readonly BudgetRow[] | null;
}

/** The budgets as they stood, without a lock: what is decided on them is stored by `swapBudgets`. */
export function budgetsIn(keys: BudgetKeys, row: BudgetsSelected | undefined): Budgets {
  return byKind(keys, row?.budgets ?? []);
}

function byKind(keys: BudgetKeys, rows: readonly BudgetRow[]): Budgets {
  const byKey = new Map(rows.map(({ key, ...budget }) => [key, budget]));
  return Object.fromEntries(
    (Object.entries(keys) as [BudgetKind, string][]).flatMap(([kind, key]): [BudgetKind, Budget][] => {
      const budget = byKey.get(key);
      return budget === undefined ? [] : [[kind, budget]];
    }),
  );
}

/** The budgets as they stand, without a lock: for an explanation, never for a decision. */
export async function readBudgets(reader: Reader, keys: BudgetKeys): Promise<Budgets> {
  const named = Object.entries(keys) as [BudgetKind, string][];
  const found: Partial<Record<BudgetKind, Budget>> = {};
  for (const [kind, key] of named) {
    const [row] = await reader.select().from(attempts).where(eq(attempts.key, key));
    if (row !== undefined) found[kind] = row;
  }
  return found;
}

/** Stores budgets that `lockBudgets` holds. */
export async function saveBudgets(tx: Tx, keys: BudgetKeys, budgets: Budgets, at: Date): Promise<void> {
  const rows = rowsOf(keys, budgets).map(({ row }) => row);
  if (rows.length === 0) return;
  await ask(tx, saving, [JSON.stringify(rows), at.toISOString()]);
}

/** Whether this login of that store came in well from that source since `since`. */
export async function knowsSource(
  reader: Reader,
  login: { readonly store: StoreName; readonly login: string },
  prefix: string,
  since: Date,
): Promise<boolean> {
  const rows = await reader
    .select({ prefix: knownSources.prefix })
    .from(knownSources)
    .innerJoin(credentials, eq(credentials.id, knownSources.credentialId))
    .where(
      and(
        ...[eq(credentials.store, login.store), eq(credentials.login, login.login)],
        ...[eq(knownSources.prefix, prefix), gte(knownSources.lastAt, since)],
      ),
    );
  return rows.length > 0;
}

/** Opens what too many wrong guesses had shut. */
export async function forgetGuesses(tx: Tx, keys: BudgetKeys): Promise<void> {
  // Locked in the order in which guesses lock them: else the two could wait for each other.
  const inOrder = sql`(select key from attempts where ${inArray(attempts.key, Object.values(keys))} order by key for update)`;
  await tx.delete(attempts).where(sql`${attempts.key} in ${inOrder}`);
}

const remembering = `insert into known_sources (credential_id, prefix, last_at) values ($1, $2, $3)
  on conflict (credential_id, prefix) do update set last_at = excluded.last_at`;

/** Whether a credential was ever shown well from there, as far back as that is kept. */
export async function knowsPlace(reader: Reader, credentialId: string, prefix: string): Promise<boolean> {
  const rows = await reader
    .select({ prefix: knownSources.prefix })
    .from(knownSources)
    .where(and(eq(knownSources.credentialId, credentialId), eq(knownSources.prefix, prefix)));
  return rows.length > 0;
}

export async function rememberSource(tx: Tx, credentialId: string, prefix: string, at: Date): Promise<void> {
  await ask(tx, remembering, [credentialId, prefix, at.toISOString()]);
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Tidying: counters that nothing touched for a day, in small bites. The counts in a row of logins that exist stay for
 * 90 days. An hour more, since that is how closely it is told when they were touched.
 */
export async function sweepAttempts(tx: Tx, now: Date): Promise<number> {
  const before = (days: number) => new Date(now.getTime() - days * dayMs - hourMs).toISOString();
  const ofSomebody = sql`exists (select 1 from credentials c
    where a.key in ('strangers:' || c.login || '|' || c.store, 'familiar:' || c.login || '|' || c.store))`;
  const inARow = sql`(starts_with(a.key, 'strangers:') or starts_with(a.key, 'familiar:'))`;
  const gone = await tx
    .delete(attempts)
    .where(
      sql`${attempts.key} in (select a.key from attempts a where a.touched_at < ${before(1)}
        and (a.touched_at < ${before(90)} or not ${inARow} or not ${ofSomebody})
        order by a.touched_at limit 5000 for update skip locked)`,
    )
    .returning({ key: attempts.key });
  await tx.delete(knownSources).where(lt(knownSources.lastAt, new Date(now.getTime() - 90 * dayMs)));
  return gone.length;
}
