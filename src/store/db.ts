/** The connection: one pool a process, statements bounded in time. Everything below `store` speaks through it. */
import { drizzle, type PostgresJsDatabase, type PostgresJsSession } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { connectTo } from './connect.ts';

export type Reader = Pick<PostgresJsDatabase, 'select' | 'execute' | '_'>;
export type Tx = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0];

export interface Database {
  readonly drizzle: PostgresJsDatabase;
  /** The raw driver, for the few statements whose cost counts. */
  readonly sql: postgres.Sql;
  /** Runs `work` whenever something is said on a channel, and once after each reconnect (words may have been missed). */
  listen(channel: string, work: (payload: string | undefined) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections in the pool. */
  readonly pool?: number;
}

/** No statement and no open transaction outlives this: a session that is being opened is visible, or gone, by then. */
const statementMs = 15_000;

/** Longer statements, such as lists of ids, come in too many lengths: each would stay a plan on every connection. */
const preparedParameters = 64;

/**
 * The same connection, with statements prepared: parsed and planned once on each connection, and sent in one round
 * trip where the driver takes two. A login is twenty statements: this takes a quarter off what it costs beside its hash.
 */
function preparing<T extends Pick<postgres.Sql, 'unsafe'>>(sql: T): T {
  const { unsafe } = sql;
  sql.unsafe = (text, parameters = [], options = {}) => {
    const prepare = parameters.length > 0 && parameters.length <= preparedParameters;
    return unsafe(text, parameters, { ...options, prepare });
  };
  return sql;
}

type Work<T> = (sql: postgres.TransactionSql) => T | Promise<T>;

function preparingTransactions(sql: postgres.Sql): postgres.Sql {
  const { begin } = sql;
  sql.begin = <T>(first: string | Work<T>, second?: Work<T>) =>
    typeof first === 'string'
      ? begin(first, (tx) => (second as Work<T>)(preparing(tx)))
      : begin((tx) => first(preparing(tx)));
  return preparing(sql);
}

/**
 * A statement written by hand, on the connection of `at`: the query builder costs as much as all the rest of a
 * statement, and a login has no time for it. Moments go in as ISO text and come back as PostgreSQL's.
 */
export async function ask<Row extends object>(
  at: Pick<Reader, '_'>,
  text: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const { client } = at._.session as PostgresJsSession<
    postgres.Sql,
    Record<string, never>,
    Record<string, never>
  >;
  return client.unsafe<Row[]>(text, parameters as postgres.ParameterOrJSON<never>[], { prepare: true });
}

/** Opens a pool; it connects when first used. */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const sql = connectTo(url, {
    max: options.pool ?? 10,
    connect_timeout: 5,
    backoff: (tries: number) => Math.min(1, 0.05 * 2 ** tries),
    onnotice: () => {},
    connection: {
      application_name: 'gatehouse',
      statement_timeout: statementMs,
      idle_in_transaction_session_timeout: statementMs,
      // Planned once a connection. Left to itself PostgreSQL plans a batch of checks anew each time, since it takes the
      // list for a longer one than it is; and planning that costs more than running it.
      plan_cache_mode: 'force_generic_plan',
    },
  });
  preparingTransactions(sql);
  return {
    drizzle: drizzle(sql, { casing: 'snake_case' }),
    sql,
    listen: async (channel, work) => {
      const heard = await sql.listen(
        channel,
        (payload) => work(payload),
        () => work(undefined),
      );
      return () => heard.unlisten();
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

/** Whether the database answers. */
export async function answers(database: Database): Promise<boolean> {
  try {
    await database.sql`select 1`;
    return true;
  } catch {
    return false;
  }
}

/** Whether an exception says that this transaction was the victim of a deadlock: nothing of it was done. */
export function isDeadlock(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof postgres.PostgresError && (cause.code === '40P01' || cause.code === '40001');
}

/** Whether an exception says that a row like it is there already. */
export function isTaken(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof postgres.PostgresError && cause.code === '23505';
}

/** Whether an exception says that a lock did not come within the time that was set for it. */
export function isLockTimeout(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof postgres.PostgresError && cause.code === '55P03';
}

/** Whether an exception says that the database could not be reached, or gave up, rather than that we were wrong. */
export function isOutage(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof postgres.PostgresError) return /^(08|53|57|58)|^25P03$/.test(cause.code);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^(CONNECT|CONNECTION_|ECONN|EPIPE|ETIMEDOUT|ENOENT)/.test(code);
}

/** Whether an exception says that a value was one that no column can hold: NUL in a text, an impossible address. */
export function isUnstorable(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof postgres.PostgresError && cause.code.startsWith('22');
}

/** The database's own clock, in ms since 1970. */
export async function databaseClock(database: Database): Promise<number> {
  const [row] = await database.sql<{ ms: number }[]>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;
  return row?.ms ?? 0;
}
