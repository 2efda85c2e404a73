/** What is to become of each row of a batch, by what the database knows of its names. */
import type { StoreName } from '../../domain/channels/index.ts';
import { idBytes, idFrom } from '../../domain/token.ts';
import type { Tx } from '../../store/db.ts';
import {
  holdNames,
  type NameKnown,
  type NewAccountRow,
  type NewCredentialRow,
  namesKnown,
  statusOf,
} from '../../store/imports.ts';
import type { World } from '../../world.ts';
import type { NumberedRow, RefusedRow } from './import-batches.ts';

export interface GivenRow extends NumberedRow {
  readonly credential: NewCredentialRow;
}

export interface Fates {
  readonly accounts: readonly NewAccountRow[];
  readonly created: readonly GivenRow[];
  readonly overwritten: readonly GivenRow[];
  readonly existing: readonly RefusedRow[];
  readonly refused: readonly RefusedRow[];
}

export interface FateOptions {
  readonly store: StoreName;
  readonly overwrite: boolean;
  /** A dry run: nothing is locked. */
  readonly rehearsed: boolean;
}

/** Who owns which name: in the database, and by the rows of this batch that came before. */
function ownersOf(known: ReadonlyMap<string, NameKnown>) {
  const made = new Map<string, string>();
  const given = new Map<string, string>();
  return {
    account: (name: string) => known.get(name)?.accountId ?? made.get(name),
    holder: (name: string) => known.get(name)?.holders[0] ?? given.get(name),
    /** Accounts that a name stands for, as their own name or as a login. */
    all: (name: string): string[] => {
      const row = known.get(name);
      const found = [row?.accountId, made.get(name), given.get(name), ...(row?.holders ?? [])];
      return found.filter((id) => id !== null && id !== undefined);
    },
    make: (name: string, id: string) => made.set(name, id),
    give: (name: string, id: string) => given.set(name, id),
  };
}

type Decision =
  | { readonly reason: string; readonly there: boolean }
  | { readonly given: GivenRow; readonly isNew: boolean; readonly account: NewAccountRow | undefined };

/** One row, by what is known of its names. */
function decide(
  numbered: NumberedRow,
  owners: ReturnType<typeof ownersOf>,
  standing: string | undefined,
  { world, overwrite }: { readonly world: World; readonly overwrite: boolean },
): Decision {
  const { login, account, accountSaid, hash, scheme, locked } = numbered.row;
  const there = owners.account(account) ?? (accountSaid ? undefined : owners.holder(login));
  const accountId = there ?? idFrom('account', world.random(idBytes));
  // A login of somebody else's can neither be this one's, nor name an account for it.
  const others = [...owners.all(login), ...(there === undefined ? owners.all(account) : [])];
  if (others.some((id) => id !== accountId)) {
    return { reason: 'This name belongs to another account.', there: false };
  }
  if (standing !== undefined && !overwrite) {
    return { reason: 'It is there already, and was left as it is.', there: true };
  }
  const id = standing ?? idFrom('credential', world.random(idBytes));
  const given = { ...numbered, credential: { id, accountId, login, hash, scheme, locked } };
  const isNew = standing === undefined;
  return { given, isNew, account: there === undefined ? newAccount(accountId, numbered.row) : undefined };
}

function newAccount(id: string, { account, email, unix }: NumberedRow['row']): NewAccountRow {
  return {
    id,
    login: account,
    email: email ?? null,
    unixUid: unix?.uid ?? null,
    unixGid: unix?.gid ?? null,
    unixHome: unix?.home ?? null,
    unixShell: unix?.shell ?? null,
  };
}

/**
 * Decides, changing nothing. Names are held and accounts locked for the rest of the transaction, except in a
 * rehearsal: nobody can give a name to somebody else between the decision and what is written.
 */
export async function fatesOf(
  tx: Tx,
  world: World,
  rows: readonly NumberedRow[],
  { store, overwrite, rehearsed }: FateOptions,
): Promise<Fates> {
  const names = [...new Set(rows.flatMap(({ row }) => [row.login, row.account]))];
  if (!rehearsed) await holdNames(tx, names);
  const known = await namesKnown(tx, store, names, rehearsed);
  const owners = ownersOf(known);
  const fates = { created: [] as GivenRow[], overwritten: [] as GivenRow[] };
  const [accounts, existing, refused]: [NewAccountRow[], RefusedRow[], RefusedRow[]] = [[], [], []];

  for (const numbered of rows) {
    const { line, row } = numbered;
    const standing = known.get(row.login)?.credentialId ?? undefined;
    const decision = decide(numbered, owners, standing, { world, overwrite });
    if ('reason' in decision) {
      (decision.there ? existing : refused).push({ line, login: row.login, reason: decision.reason });
      continue;
    }
    const { given, isNew, account } = decision;
    if (account !== undefined) {
      accounts.push(account);
      owners.make(account.login, account.id);
    }
    owners.give(row.login, given.credential.accountId);
    fates[isNew ? 'created' : 'overwritten'].push(given);
  }
  const closed = await closedAmong(tx, accounts, [...fates.created, ...fates.overwritten], !rehearsed);
  const open = ({ line, credential: { accountId, login } }: GivenRow) => {
    if (!closed.has(accountId)) return true;
    refused.push({ line, login, reason: 'The account is closed.' });
    return false;
  };
  const { created, overwritten } = fates;
  return {
    accounts,
    created: created.filter(open),
    overwritten: overwritten.filter(open),
    existing,
    refused,
  };
}

/** Accounts that were there before and are closed. The others stay as they are until the transaction ends. */
async function closedAmong(
  tx: Tx,
  made: readonly NewAccountRow[],
  rows: readonly GivenRow[],
  lock: boolean,
): Promise<ReadonlySet<string>> {
  const fresh = new Set(made.map(({ id }) => id));
  const ids = new Set(rows.map(({ credential }) => credential.accountId).filter((id) => !fresh.has(id)));
  if (ids.size === 0) return new Set();
  const status = await statusOf(tx, [...ids], lock);
  return new Set([...status].filter(([, each]) => each === 'closed').map(([id]) => id));
}
