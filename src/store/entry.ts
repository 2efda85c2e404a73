/** What a login reads and locks, in as few questions as may be: beside its hash, round trips are what it costs. */
import type { StoreName } from '../domain/channels/index.ts';
import type { Hold } from '../domain/patterns/effects.ts';
import type { Overrides } from '../domain/policy.ts';
import type { Budgets } from '../domain/throttle.ts';
import { type HoldsSelected, holdColumn } from './account-effects.ts';
import type { AccountRow } from './accounts.ts';
import { type BudgetKeys, type BudgetsSelected, budgetsColumn, budgetsIn } from './attempts.ts';
import type { CredentialRow } from './credentials.ts';
import { ask, type Reader, type Tx } from './db.ts';
import { type Factors, type FactorsSelected, factorColumns, factorsIn } from './factors.ts';
import { layOut, type StoredPolicy } from './policy.ts';
import { rowsOf } from './rows.ts';
import { openingsLock } from './sessions.ts';
import { accounts } from './tables/accounts.ts';
import { credentials } from './tables/credentials.ts';

type Selected = Record<string, unknown>;

interface PolicySelected extends Selected {
  readonly version: string;
  readonly overrides: Overrides;
}

const account = rowsOf(accounts, 'a');
const credential = rowsOf(credentials, 'c');

function policyIn(row: PolicySelected | undefined): StoredPolicy {
  if (row === undefined) throw new Error('the policy row is missing: the schema is not in place');
  return layOut(Number(row.version), row.overrides);
}

export interface LoginAsked {
  readonly policy: StoredPolicy['policy'];
  /** The login of that name together with its owner: all that a login decision is about. */
  readonly found: { readonly credential: CredentialRow; readonly account: AccountRow } | undefined;
  /** What its owner can show beside the password; none where there is no such login. */
  readonly factors: Factors;
  /** When it last came in well from that source, in ms since 1970. */
  readonly knownAt: number | undefined;
  /** What keeps strangers out of it for a while, whatever they show. */
  readonly holds: readonly Hold[];
  /** Its counters of guesses as they stand. */
  readonly budgets: Budgets;
}

const asked = `select p.version, p.overrides, round(date_part('epoch', k.last_at) * 1000) as known_at,
    ${credential.columns}, ${account.columns}, ${factorColumns('a.id')}, ${holdColumn('a.id', 'c.updated_at', '$4')},
    ${budgetsColumn('$5')}
  from policy p left join (credentials c join accounts a on a.id = c.account_id) on c.store = $1 and c.login = $2
  left join known_sources k on k.credential_id = c.id and k.prefix = $3
 where p.id = 1`;

/** All that is read before a guess is booked. Nothing of it is locked: `lockOwner` and `lockVerified` ask again. */
export async function askLogin(
  reader: Reader,
  login: { readonly store: StoreName; readonly login: string },
  place: { readonly prefix: string; readonly keys: BudgetKeys },
  now: Date,
): Promise<LoginAsked> {
  const [row] = await ask<PolicySelected & FactorsSelected & HoldsSelected & BudgetsSelected>(reader, asked, [
    login.store,
    login.login,
    place.prefix,
    now.toISOString(),
    JSON.stringify(Object.values(place.keys)),
  ]);
  const { policy } = policyIn(row);
  const found = { credential: credential.from(row), account: account.from(row) };
  return {
    policy,
    found: found.credential && found.account && { credential: found.credential, account: found.account },
    factors: factorsIn(row),
    knownAt: typeof row?.known_at === 'number' ? row.known_at : undefined,
    holds: row?.holds ?? [],
    budgets: budgetsIn(place.keys, row),
  };
}

const lockingOwner = `select ${account.columns}, pg_advisory_xact_lock_shared(${openingsLock})
  from accounts a where a.id = $1 for update`;

/** The account under its lock; and says that this transaction opens a session (`beginOpening`). */
export async function lockOwner(tx: Tx, accountId: string): Promise<AccountRow | undefined> {
  return account.from((await ask<Selected>(tx, lockingOwner, [accountId]))[0]);
}

const lockingVerified = `select p.version, p.overrides, ${credential.columns}
  from policy p left join lateral (select * from credentials where id = $1 for update) c on true
 where p.id = 1`;

/**
 * The credential that was judged, under its lock (a change by a path that does not lock the account waits, or is seen),
 * and the policy as it stands now.
 */
export async function lockVerified(
  tx: Tx,
  credentialId: string | undefined,
): Promise<{ readonly policy: StoredPolicy['policy']; readonly credential: CredentialRow | undefined }> {
  const [row] = await ask<PolicySelected>(tx, lockingVerified, [credentialId ?? null]);
  return { policy: policyIn(row).policy, credential: credential.from(row) };
}
