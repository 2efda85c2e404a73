/**
 * Audit events in the order of their numbers, each exactly once, for the one node that watches. A number that is not
 * there when a higher one is read may still be committed: it is asked for again until every transaction of its time is
 * over (`pg_snapshot_xmin`), and a while longer, since a number is drawn a moment before its transaction has an id.
 */
import type { EventRow } from '../domain/patterns/observation.ts';
import { ask, type Reader, type Tx } from './db.ts';

/** [number, the first transaction id that had not begun when it was missed, when that was in ms since 1970] */
export type Gap = readonly [number, number, number];

export interface Watched {
  readonly head: number;
  readonly gaps: readonly Gap[];
  readonly holder: string;
}

const gapMs = 5_000;
const gapsKept = 10_000;

const taking = `insert into pattern_watch (id, head, gaps, holder, held_until)
  values (1, (select coalesce(max(seq), 0) from audit_events), '[]', '', $1::timestamptz) on conflict do nothing`;
const locking = `select head::float8 as head, gaps, holder, held_until > $1::timestamptz as held
  from pattern_watch where id = 1 for update skip locked`;

/** The state under its lock; undefined while another node watches. A node that is gone is followed when its time is up. */
export async function takeWatch(tx: Tx, holder: string, now: Date): Promise<Watched | undefined> {
  const at = now.toISOString();
  let [row] = await ask<Watched & { held: boolean }>(tx, locking, [at]);
  if (row === undefined) {
    await ask(tx, taking, [at]);
    [row] = await ask<Watched & { held: boolean }>(tx, locking, [at]);
  }
  return row === undefined || (row.held && row.holder !== holder) ? undefined : row;
}

export async function keepWatch(tx: Tx, watched: Watched, until: Date): Promise<void> {
  await ask(
    tx,
    `update pattern_watch set head = $1::bigint, gaps = $2::text::jsonb, holder = $3, held_until = $4::timestamptz
      where id = 1`,
    [watched.head, JSON.stringify(watched.gaps), watched.holder, until.toISOString()],
  );
}

type Numbered = EventRow & { readonly seq: number };

const columns = `seq::float8 as seq, round(extract(epoch from at) * 1000)::float8 as at, kind,
  actor_kind || ':' || actor_id as actor, account_id as "accountId", session_id as "sessionId", source`;
const observed = (kinds: string) => `case when kind = any(${kinds}::text::text[]) then detail end as detail`;

const reading = `select ${columns}, ${observed('$3')} from (
    (select * from audit_events where seq = any($1::text::bigint[]))
    union all (select * from audit_events where seq > $2::bigint order by seq limit $4::int)) e order by seq`;
const snapshot = `select pg_snapshot_xmin(pg_current_snapshot())::text::float8 as oldest,
  pg_snapshot_xmax(pg_current_snapshot())::text::float8 as next`;

const list = (values: readonly (string | number)[]) => `{${values.join(',')}}`;

/** What was committed since, oldest number first, and the state after it. */
export async function newEvents(
  tx: Tx,
  watched: Watched,
  kinds: readonly string[],
  limit: number,
  now: Date,
): Promise<{ readonly events: readonly Numbered[]; readonly after: Watched }> {
  // Before the rows: a transaction that was over then shows its rows below, or never.
  const [ids] = await ask<{ oldest: number }>(tx, snapshot, []);
  const missing = watched.gaps.map(([seq]) => seq);
  const events = await ask<Numbered>(tx, reading, [list(missing), watched.head, list(kinds), limit]);
  const seen = new Set(events.map(({ seq }) => seq));
  const head = events.reduce((most, { seq }) => Math.max(most, seq), watched.head);
  const over = ([, xid, at]: Gap) => (ids?.oldest ?? 0) >= xid && now.getTime() - at >= gapMs;
  const gaps: Gap[] = watched.gaps.filter((gap) => !seen.has(gap[0]) && !over(gap));
  const [later] = await ask<{ next: number }>(tx, snapshot, []);
  for (let seq = Math.max(watched.head + 1, head - gapsKept); seq < head; seq++) {
    if (!seen.has(seq)) gaps.push([seq, later?.next ?? 0, now.getTime()]);
  }
  return { events, after: { ...watched, head, gaps: gaps.slice(-gapsKept) } };
}

/** What was recorded of these kinds in a span of time, oldest first, at most `most` of the latest. Nothing is locked. */
export async function pastEvents(
  reader: Reader,
  kinds: readonly string[],
  span: { readonly from: Date; readonly to?: Date; readonly upTo?: number; readonly most: number },
): Promise<readonly Numbered[]> {
  const rows: Numbered[] = [];
  const batch = 5_000;
  let below = (span.upTo ?? Number.MAX_SAFE_INTEGER - 1) + 1;
  while (rows.length < span.most) {
    const some = await ask<Numbered>(
      reader,
      `select ${columns}, detail from audit_events where kind = any($1::text::text[]) and seq < $2::bigint
        order by seq desc limit $3::int`,
      [list(kinds), below, batch],
    );
    const from = span.from.getTime();
    for (const row of some) if (row.at >= from && row.at <= (span.to?.getTime() ?? row.at)) rows.push(row);
    const last = some.at(-1);
    // An hour more: numbers and times are not in quite the same order.
    if (last === undefined || some.length < batch || last.at < from - 3_600_000) break;
    below = last.seq;
  }
  return rows.reverse();
}
