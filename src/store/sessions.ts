import { eq, type SQL, sql } from 'drizzle-orm';
import type { Channel, StoreName } from '../domain/channels/index.ts';
import type { Policy } from '../domain/policy.ts';
import type { DoorState, EndReason, SessionFacts } from '../domain/session.ts';
import { ask, type Database, isLockTimeout, type Reader, type Tx } from './db.ts';
import { insertInto } from './rows.ts';
import {
  cutOff,
  endSql,
  factsFrom,
  overSql,
  type SessionRow,
  sessionColumns,
  sessionSources,
} from './session-row.ts';
import { sessions } from './tables/sessions.ts';

/** Held in share by whoever opens a session (`lockOwner`), alone by whoever retires a cut-off (`retireCutoff`). */
export const openingsLock = "hashtextextended('gatehouse.openings', 0)";

const columns = sql.raw(sessionColumns);
const sources = sql.raw(sessionSources);

async function read(reader: Reader, rest: SQL): Promise<SessionFacts[]> {
  const rows = await reader.execute<SessionRow & Record<string, unknown>>(
    sql`select ${columns} from ${sources} ${rest}`,
  );
  return rows.map(factsFrom);
}

/**
 * Waits, for a quarter of a second at the most, to be alone with every opening so far visible. Newcomers queue behind
 * this, so that constant logins cannot keep it waiting. False: an opening is hung; the transaction is spoilt then.
 */
export async function noOpenings(tx: Tx): Promise<boolean> {
  await tx.execute(sql`set local lock_timeout = '250ms'`);
  try {
    await tx.execute(sql`select pg_advisory_xact_lock(${sql.raw(openingsLock)})`);
    return true;
  } catch (error) {
    if (isLockTimeout(error)) return false;
    throw error;
  }
}

const insertion = insertInto(sessions, ['seq']);
const inserting = `${insertion.text} returning (select count(*)::int from sessions s
  where s.account_id = sessions.account_id and s.store = sessions.store and s.ended_at is null) as others`;

/**
 * The one insert of sessions. Only `actions/steps/open-session` calls it. Answers how many others of the account on
 * that store nothing has ended: the live ones, and some that have run out.
 */
export async function insertSession(tx: Tx, row: typeof sessions.$inferInsert): Promise<number> {
  const [told] = await ask<{ others: number }>(tx, inserting, insertion.parameters(row));
  return told?.others ?? 0;
}

export async function sessionById(reader: Reader, id: string): Promise<SessionFacts | undefined> {
  const [found] = await read(reader, sql`where s.id = ${id}`);
  return found;
}

/** When the holder of a session last showed a secret, and a second factor. */
export async function freshnessOf(
  reader: Reader,
  id: string,
): Promise<{ freshAt: Date | null; factorAt: Date | null } | undefined> {
  const [row] = await reader
    .select({ freshAt: sessions.freshAt, factorAt: sessions.factorAt })
    .from(sessions)
    .where(eq(sessions.id, id));
  return row;
}

/** Spares one session what this transaction ends by changing a credential or a factor: its owner wants to stay here. */
export async function keepSession(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`select set_config('gatehouse.keep_session', ${id}, true)`);
}

export async function sessionsByIds(reader: Reader, ids: readonly string[]): Promise<SessionFacts[]> {
  return ids.length === 0 ? [] : read(reader, sql`where s.id in ${[...ids]}`);
}

/** Live sessions of an account on one store, oldest first. */
export async function liveOf(
  reader: Reader,
  accountId: string,
  store: StoreName,
  policy: Policy,
  now: Date,
): Promise<SessionFacts[]> {
  return read(
    reader,
    sql`where s.account_id = ${accountId} and s.store = ${store} and s.ended_at is null
      and ${overSql(policy, now)} is null order by s.seq`,
  );
}

/**
 * An agent answers for a session that it opened, and for one whose daemon named its process. Of the rest, which a feed
 * alone tells of, it knows nothing: asked to end nothing, it would prove nothing.
 */
const ofAgent = sql`(s.door_ref is null or s.pid is not null)`;

/** Sessions whose processes an agent answers for and that nothing has ended yet. */
export async function liveOnHost(reader: Reader, host: string, id?: string): Promise<SessionFacts[]> {
  const which = id === undefined ? sql`true` : sql`s.id = ${id}`;
  return read(
    reader,
    sql`where ${which} and s.host = ${host} and s.door_state = 'open' and ${ofAgent} and s.ended_at is null order by s.seq`,
  );
}

/** Sessions that are over but whose host has not proved it yet: the orders that its agent still has to carry out. */
export async function pendingOnHost(reader: Reader, host: string): Promise<SessionFacts[]> {
  return read(
    reader,
    sql`where s.host = ${host} and s.door_state in ('pending', 'not_proven') and ${ofAgent} order by s.seq`,
  );
}

export interface SessionFilter {
  readonly accountId?: string;
  readonly login?: string;
  readonly store?: string;
  readonly channel?: string;
  readonly host?: string;
  readonly sourceIp?: string;
  readonly live?: boolean;
}

/** A page of sessions, newest first; `before` is the number of the last one already seen. */
export async function listSessions(
  reader: Reader,
  filter: SessionFilter,
  page: { readonly before?: number; readonly limit: number },
  policy: Policy,
  now: Date,
): Promise<SessionFacts[]> {
  const live = sql`(s.ended_at is null and ${overSql(policy, now)} is null)`;
  const wanted: SQL[] = [sql`true`];
  if (filter.accountId !== undefined) wanted.push(sql`s.account_id = ${filter.accountId}`);
  if (filter.login !== undefined) wanted.push(sql`s.login = ${filter.login}`);
  if (filter.store !== undefined) wanted.push(sql`s.store = ${filter.store}`);
  if (filter.channel !== undefined) wanted.push(sql`s.channel = ${filter.channel}`);
  if (filter.host !== undefined) wanted.push(sql`s.host = ${filter.host}`);
  if (filter.sourceIp !== undefined) wanted.push(sql`s.source_ip = ${filter.sourceIp}::inet`);
  if (filter.live === true) wanted.push(live);
  if (filter.live === false) wanted.push(sql`not ${live}`);
  if (page.before !== undefined) wanted.push(sql`s.seq < ${page.before}`);
  return read(reader, sql`where ${sql.join(wanted, sql` and `)} order by s.seq desc limit ${page.limit}`);
}

/** Ends these sessions where they still live; answers those that this very call ended. */
export async function endSessions(
  tx: Tx,
  ids: readonly string[],
  end: { readonly at: Date; readonly reason: EndReason; readonly orderId?: string },
): Promise<SessionFacts[]> {
  if (ids.length === 0) return [];
  const ended = await tx.execute<{ id: string }>(sql`
    update sessions set ended_at = ${end.at.toISOString()}, end_reason = ${end.reason}, order_id = ${end.orderId ?? null}
     where id in ${[...ids]} and ended_at is null returning id`);
  return sessionsByIds(
    tx,
    ended.map((row) => row.id),
  );
}

/**
 * What an agent says of a session's end on its host: only of its own sessions, only forward. Answers whose session it
 * was; undefined when nothing was news.
 */
export async function settleDoor(
  tx: Tx,
  host: string,
  id: string,
  door: { readonly state: 'ended' | 'not_proven'; readonly at: Date; readonly detail: string },
  end?: EndReason,
): Promise<string | undefined> {
  const over = end === undefined ? sql`ended_at is not null` : sql`true`;
  const rows = await tx.execute<{ account_id: string }>(sql`
    update sessions set door_state = ${door.state}, door_at = ${door.at.toISOString()}, door_detail = ${door.detail},
      ended_at = coalesce(ended_at, ${end === undefined ? null : door.at.toISOString()}::timestamptz),
      end_reason = case when ended_at is null then ${end ?? null}::text else end_reason end
     where id = ${id} and host = ${host} and door_state in ('open', 'pending', 'not_proven') and ${over}
       and (door_state, door_detail) is distinct from (${door.state}::text, ${door.detail}::text)
     returning account_id`);
  return rows[0]?.account_id;
}

/**
 * A session proves to be on another channel of its store; true when that is news. Not while a bulk logoff means it
 * by its old one.
 */
export async function setChannel(tx: Tx, host: string, id: string, channel: Channel): Promise<boolean> {
  const rows = await tx.execute<{ id: string }>(
    sql`update sessions s set channel = ${channel.name}
      where s.id = ${id} and s.host = ${host} and s.store = ${channel.store} and s.channel <> ${channel.name}
        and s.ended_at is null and not ${sql.raw(cutOff)} returning s.id`,
  );
  return rows.length === 1;
}

/** How the doors of these sessions stand, for those that are of that host. */
export async function doorsOnHost(
  reader: Reader,
  host: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DoorState | null>> {
  if (ids.length === 0) return new Map();
  const rows = await reader
    .select({ id: sessions.id, door: sessions.doorState })
    .from(sessions)
    .where(sql`${eq(sessions.host, host)} and ${sessions.id} in ${[...ids]}`);
  return new Map(rows.map((row) => [row.id, row.door]));
}

/** The live session of a process of a host: a process has one at the most. */
export async function liveByProcess(
  reader: Reader,
  host: string,
  process: { readonly pid: number; readonly start: string; readonly boot_id: string },
): Promise<SessionFacts | undefined> {
  const { pid, start, boot_id } = process;
  const [found] = await read(
    reader,
    sql`where s.host = ${host} and s.boot_id = ${boot_id} and s.pid = ${pid} and s.pid_start = ${start}
      and s.ended_at is null`,
  );
  return found;
}

/**
 * Moves last-seen on for many sessions in one statement: forward only, and only while the session still lives by
 * its own clocks, so that a late write never wakes a dead one. The idle clock of a session in processes is its agent's.
 */
export async function touchSessions(
  database: Pick<Database, 'sql'>,
  seen: readonly { readonly id: string; readonly at: number }[],
): Promise<void> {
  await database.sql.unsafe(
    `with free as (select id from sessions where id = any($1::text[]) and ended_at is null for update skip locked)
     update sessions s set last_seen_at = v.at
       from (select id, to_timestamp(ms / 1000) as at from unnest($1::text[], $2::float8[]) as noted(id, ms)) v
       join free using (id)
      where s.id = v.id and s.last_seen_at < v.at
        and (s.door_state is not null or s.last_seen_at + s.idle_ms * interval '1 ms' > v.at) and s.absolute_at > v.at`,
    // As numbers: Drizzle takes the driver's way of writing arrays of moments away.
    [seen.map((each) => each.id), seen.map((each) => each.at)],
  );
}

/** A session whose clock ran out. */
export interface Expired {
  readonly id: string;
  readonly accountId: string;
  readonly reason: string;
}

/**
 * Writes down what has already run out, as ended at that very moment. Sessions in processes are their agent's: it sees
 * the traffic, and may have been out of reach while they were used; only their absolute end is written here, `graceMs`
 * late. `quiet` looks, in small bites, at sessions that nobody has used for a while: one that reached its absolute end
 * is no longer touched, and so falls quiet too. `all` leaves none out, and waits for those that others hold.
 */
export async function sweepExpired(
  tx: Tx,
  policy: Policy,
  now: Date,
  options: { readonly graceMs: number } & ({ readonly quiet: number } | { readonly all: true }),
): Promise<Expired[]> {
  const late = new Date(now.getTime() - options.graceMs);
  const clocks = Object.values(policy.stores).flatMap((store) => Object.values(store));
  const shortest = Math.min(...clocks.map((clock) => clock.idle_seconds)) * 1000;
  const quiet = new Date(now.getTime() - shortest);
  const reason = overSql(policy, now, late);
  const some =
    'all' in options
      ? sql`order by s.id for update`
      : sql`and s.last_seen_at <= ${quiet.toISOString()} order by s.last_seen_at limit ${options.quiet} for update skip locked`;
  return tx.execute<Expired & Record<string, unknown>>(sql`
    with over as (
      select s.id, ${reason} as reason, ${endSql(policy)} as at from sessions s
       where s.ended_at is null and ${reason} is not null ${some})
    update sessions s set ended_at = over.at, end_reason = over.reason
      from over where s.id = over.id returning s.id, s.account_id as "accountId", s.end_reason as reason`);
}
