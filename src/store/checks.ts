/**
 * The hot path: who holds this token, and does it live? Answered from the rows themselves, so that nothing can be
 * stale, at the cost of a cache: all look-ups of one turn of the event loop share one indexed query.
 */
import { type Overrides, type Policy, policyFrom } from '../domain/policy.ts';
import type { SessionFacts } from '../domain/session.ts';
import { checkQueries } from '../metrics.ts';
import type { Database } from './db.ts';
import { factsFrom, type SessionRow, sessionColumns, sessionSources } from './session-row.ts';

export interface CallingClient {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly host: string | null;
}

export interface Lookup {
  readonly session: SessionFacts | undefined;
  readonly client: CallingClient | undefined;
  readonly policy: Policy;
}

export interface Checks {
  /**
   * Looks up by SHA-256 of a session token, of a client key, or both, each as hex. Joins the batch of this turn.
   * Throws what the driver throws when the database does not answer: callers fail closed.
   */
  lookup(sessionHash: string | undefined, clientHash: string | undefined): Promise<Lookup>;
}

export interface ChecksOptions {
  /** One query may answer this many look-ups. */
  readonly batchCap?: number;
  /** Batches on their way at once; what arrives meanwhile gathers in the next. */
  readonly batchesInFlight?: number;
}

/** One row a session found, or one without a session. What belongs to the batch stands in the first row alone. */
const text = `select p.version::float8 as policy_version,
    case when row_number() over () = 1 then
      (select json_agg(json_build_object('hash', encode(key_hash, 'hex'), 'id', id, 'name', name, 'scopes', scopes, 'host', host))
         from clients where key_hash = any($2::bytea[]) and revoked_at is null)::text end as clients,
    case when p.version <> $3::bigint then p.overrides::text end as overrides, x.*
  from policy p left join lateral (
    select encode(s.token_hash, 'hex') as token_hash, ${sessionColumns} from ${sessionSources}
     where s.token_hash = any($1::bytea[])) x on true
 where p.id = 1`;

interface BatchRow extends SessionRow {
  readonly policy_version: number;
  readonly clients: string | null;
  readonly overrides: string | null;
  readonly token_hash: string | null;
}

interface KnownPolicy {
  readonly version: number;
  readonly value: Policy;
}

interface Waiting {
  readonly sessionHash: string | undefined;
  readonly clientHash: string | undefined;
  readonly resolve: (lookup: Lookup) => void;
  readonly reject: (error: unknown) => void;
}

export function createChecks(database: Database, options: ChecksOptions = {}): Checks {
  const { batchCap = 512, batchesInFlight = 2 } = options;
  const waiting: Waiting[] = [];
  let inFlight = 0;
  let scheduled = false;
  let policy: KnownPolicy | undefined;

  async function ask(batch: readonly Waiting[]): Promise<void> {
    const hashes = (pick: (each: Waiting) => string | undefined) => [
      ...new Set(batch.map(pick).filter((hash) => hash !== undefined)),
    ];
    // Another batch may come back first: what this one is told is told against the policy it was sent with.
    const known = policy;
    const bytea = (list: string[]) => `{${list.map((hash) => `"\\\\x${hash}"`).join(',')}}`;
    const rows = await database.sql.unsafe<BatchRow[]>(
      text,
      [
        bytea(hashes((each) => each.sessionHash)),
        bytea(hashes((each) => each.clientHash)),
        known?.version ?? 0,
      ],
      { prepare: true },
    );
    checkQueries.inc();
    const first = rows[0];
    if (first === undefined) throw new Error('the policy row is missing: the schema is not in place');
    const told = policyTold(first, known);
    if (policy === undefined || policy.version < told.version) policy = told;
    answer(batch, rows, clientsIn(first.clients), told.value);
  }

  function flush(): void {
    scheduled = false;
    while (waiting.length > 0 && inFlight < batchesInFlight) {
      const batch = waiting.splice(0, batchCap);
      inFlight += 1;
      ask(batch)
        .catch((error: unknown) => {
          for (const each of batch) each.reject(error);
        })
        .finally(() => {
          inFlight -= 1;
          if (waiting.length > 0) flush();
        });
    }
  }

  return {
    lookup: (sessionHash, clientHash) =>
      new Promise((resolve, reject) => {
        waiting.push({ sessionHash, clientHash, resolve, reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      }),
  };
}

function policyTold(row: BatchRow, known: KnownPolicy | undefined): KnownPolicy {
  if (known?.version === row.policy_version) return known;
  if (row.overrides === null) throw new Error('the policy was not told');
  return { version: row.policy_version, value: policyFrom(JSON.parse(row.overrides) as Overrides) };
}

function clientsIn(text: string | null): ReadonlyMap<string, CallingClient> {
  const list = text === null ? [] : (JSON.parse(text) as (CallingClient & { hash: string })[]);
  return new Map(list.map(({ hash, ...client }) => [hash, client]));
}

function answer(
  batch: readonly Waiting[],
  rows: readonly BatchRow[],
  clients: ReadonlyMap<string, CallingClient>,
  policy: Policy,
): void {
  const sessions = new Map<string, SessionFacts>();
  for (const row of rows) if (row.token_hash !== null) sessions.set(row.token_hash, factsFrom(row));
  for (const each of batch) {
    each.resolve({
      session: each.sessionHash === undefined ? undefined : sessions.get(each.sessionHash),
      client: each.clientHash === undefined ? undefined : clients.get(each.clientHash),
      policy,
    });
  }
}
