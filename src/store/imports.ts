/** Many logins at once, one statement each: whose names they are, what is made of them, and how far a file has come. */
import { and, desc, eq, isNull } from 'drizzle-orm';
import { type StoreName, storeNames } from '../domain/channels/index.ts';
import type { AccountRow } from './accounts.ts';
import { ask, type Reader, type Tx } from './db.ts';
import { imports } from './tables/imports.ts';

export type ImportProgress = typeof imports.$inferSelect;

/** What is known of a name. */
export interface NameKnown {
  readonly name: string;
  /** The account of that login. */
  readonly accountId: string | null;
  /** Accounts that have a login of that name on any store. */
  readonly holders: readonly string[];
  /** The credential of that name on the store of the import. */
  readonly credentialId: string | null;
}

export interface NewAccountRow {
  readonly id: string;
  readonly login: string;
  readonly email: string | null;
  readonly unixUid: number | null;
  readonly unixGid: number | null;
  readonly unixHome: string | null;
  readonly unixShell: string | null;
}

export interface NewCredentialRow {
  readonly id: string;
  readonly accountId: string;
  readonly login: string;
  readonly hash: string;
  readonly scheme: string;
  readonly locked: boolean;
}

/** Holds many names for this transaction, in one order, so that two imports never wait for each other. */
export async function holdNames(tx: Tx, names: readonly string[]): Promise<void> {
  const text = `select pg_advisory_xact_lock(hashtextextended('gatehouse.name.' || name, 0))
    from json_array_elements_text($1::text::json) as names(name)`;
  await ask(tx, text, [JSON.stringify([...names].sort())]);
}

const everyStore = storeNames.map((store) => `'${store}'`).join(', ');

/** `rehearsed`: what a dry run would have made by now counts as well. */
function namesText(rehearsed: boolean): string {
  const accounts = rehearsed
    ? '(select id, login from accounts union all select id, login from pg_temp.rehearsed_accounts)'
    : 'accounts';
  const holders = `select account_id from credentials where store in (${everyStore}) and login = n.name`;
  const alsoHolders = `${holders} union select account_id from pg_temp.rehearsed_credentials where login = n.name`;
  const own = '(select id from credentials where store = $2 and login = n.name)';
  const alsoOwn = `coalesce(${own}, (select id from pg_temp.rehearsed_credentials where login = n.name))`;
  return `select n.name, a.id as "accountId", array(${rehearsed ? alsoHolders : holders}) as holders,
      ${rehearsed ? alsoOwn : own} as "credentialId"
    from json_array_elements_text($1::text::json) as n(name) left join ${accounts} a on a.login = n.name`;
}

/** What is known of these names; one row for each. */
export async function namesKnown(
  tx: Tx,
  store: StoreName,
  names: readonly string[],
  rehearsed: boolean,
): Promise<ReadonlyMap<string, NameKnown>> {
  const rows = await ask<NameKnown>(tx, namesText(rehearsed), [JSON.stringify(names), store]);
  return new Map(rows.map((row) => [row.name, row]));
}

/** The status of these accounts, under their locks unless it is only a rehearsal. */
export async function statusOf(
  tx: Tx,
  ids: readonly string[],
  lock: boolean,
): Promise<ReadonlyMap<string, AccountRow['status']>> {
  const text = `select id, status from accounts
    where id in (select json_array_elements_text($1::text::json)) order by id ${lock ? 'for update' : ''}`;
  const rows = await ask<Pick<AccountRow, 'id' | 'status'>>(tx, text, [JSON.stringify(ids)]);
  return new Map(rows.map(({ id, status }) => [id, status]));
}

export async function insertAccounts(tx: Tx, rows: readonly NewAccountRow[], at: Date): Promise<void> {
  const text = `insert into accounts (id, login, email, unix_uid, unix_gid, unix_home, unix_shell, created_at, updated_at)
    select id, login, email, "unixUid", "unixGid", "unixHome", "unixShell", $2, $2
      from json_to_recordset($1::text::json) as r(id text, login text, email text, "unixUid" int, "unixGid" int,
        "unixHome" text, "unixShell" text)`;
  await ask(tx, text, [JSON.stringify(rows), at.toISOString()]);
}

const credentialFields = 'r(id text, "accountId" text, login text, hash text, scheme text, locked bool)';

export async function insertCredentials(
  tx: Tx,
  store: StoreName,
  rows: readonly NewCredentialRow[],
  at: Date,
): Promise<void> {
  const text = `insert into credentials (id, account_id, store, login, hash, scheme, locked_at, created_at, updated_at)
    select id, "accountId", $2, login, hash, scheme, case when locked then $3::timestamptz end, $3, $3
      from json_to_recordset($1::text::json) as ${credentialFields}`;
  await ask(tx, text, [JSON.stringify(rows), store, at.toISOString()]);
}

/** Puts these secrets in the place of those that stand: a new epoch each, which ends what the old ones opened. */
export async function overwriteCredentials(
  tx: Tx,
  rows: readonly NewCredentialRow[],
  at: Date,
): Promise<ReadonlyMap<string, number>> {
  const text = `update credentials c set hash = r.hash, scheme = r.scheme, epoch = c.epoch + 1, updated_at = $2,
      locked_at = case when r.locked then $2::timestamptz end
    from json_to_recordset($1::text::json) as ${credentialFields}
   where c.id = r.id and c.account_id = r."accountId" returning c.id, c.epoch`;
  const put = await ask<{ id: string; epoch: string }>(tx, text, [JSON.stringify(rows), at.toISOString()]);
  return new Map(put.map(({ id, epoch }) => [id, Number(epoch)]));
}

/** What a changed secret takes along: links to reset it or to move the mail are over, the one before it is no longer recognised. */
export async function settleOverwritten(tx: Tx, rows: readonly NewCredentialRow[], at: Date): Promise<void> {
  const these = `json_to_recordset($1::text::json) as ${credentialFields}`;
  const links = `update mailed_tokens set spent_at = $2, outcome = 'superseded'
    where purpose in ('reset', 'email') and spent_at is null and account_id in (select "accountId" from ${these})`;
  await ask(tx, links, [JSON.stringify(rows), at.toISOString()]);
  await ask(tx, `delete from previous_passwords where credential_id in (select id from ${these})`, [
    JSON.stringify(rows),
  ]);
}

/** Forgets guess counters, locked in the order in which guesses lock them. */
export async function forgetGuessesAt(tx: Tx, keys: readonly string[]): Promise<void> {
  const text = `delete from attempts where key in (
    select key from attempts where key in (select json_array_elements_text($1::text::json)) order by key for update)`;
  await ask(tx, text, [JSON.stringify(keys)]);
}

/** Where a dry run keeps what it would have made: tables of this transaction alone. */
export async function prepareRehearsal(tx: Tx): Promise<void> {
  // The file may come slowly, and nothing is locked meanwhile.
  await ask(tx, "set local idle_in_transaction_session_timeout = '10min'", []);
  await ask(tx, 'create temp table rehearsed_accounts (id text, login text primary key) on commit drop', []);
  const credentials = 'rehearsed_credentials (id text, account_id text, login text primary key)';
  await ask(tx, `create temp table ${credentials} on commit drop`, []);
}

export async function rehearse(
  tx: Tx,
  accounts: readonly Pick<NewAccountRow, 'id' | 'login'>[],
  credentials: readonly Pick<NewCredentialRow, 'id' | 'accountId' | 'login'>[],
): Promise<void> {
  const made = `insert into pg_temp.rehearsed_accounts
    select id, login from json_to_recordset($1::text::json) as r(id text, login text)`;
  await ask(tx, made, [JSON.stringify(accounts)]);
  const given = `insert into pg_temp.rehearsed_credentials
    select id, "accountId", login from json_to_recordset($1::text::json) as r(id text, "accountId" text, login text)`;
  await ask(tx, given, [JSON.stringify(credentials)]);
}

export async function beginImport(tx: Tx, row: typeof imports.$inferInsert): Promise<void> {
  await tx.insert(imports).values(row);
}

/** The latest import of this very file, into this store, that broke off. */
export async function brokenImport(
  reader: Reader,
  file: Pick<ImportProgress, 'fingerprint' | 'format' | 'store' | 'overwrite'>,
): Promise<ImportProgress | undefined> {
  const [row] = await reader
    .select()
    .from(imports)
    .where(
      and(
        eq(imports.fingerprint, file.fingerprint),
        eq(imports.format, file.format),
        eq(imports.store, file.store),
        eq(imports.overwrite, file.overwrite),
        isNull(imports.finishedAt),
      ),
    )
    .orderBy(desc(imports.startedAt))
    .limit(1);
  return row;
}

/**
 * Writes down, in the transaction of a batch, that its lines are done. False when somebody else was there first: then
 * nothing of the batch may be done again.
 */
export async function advanceImport(
  tx: Tx,
  id: string,
  from: number,
  to: { readonly lastLine: number; readonly counts: unknown; readonly at: Date; readonly finished: boolean },
): Promise<boolean> {
  const rows = await tx
    .update(imports)
    .set({
      lastLine: to.lastLine,
      counts: to.counts,
      updatedAt: to.at,
      ...(to.finished ? { finishedAt: to.at } : {}),
    })
    .where(and(eq(imports.id, id), eq(imports.lastLine, from), isNull(imports.finishedAt)))
    .returning({ id: imports.id });
  return rows.length === 1;
}
