/** Sessions that live in daemons which no agent follows: their own feeds say when they begin, live and end. */
import { type SQL, sql } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { cutOff } from './session-row.ts';

/** What stands in a door's detail until its daemon says that it let the login in. */
export const provisional = 'judged here; its daemon has not said yet that it let it in';

export interface FollowedSession {
  readonly id: string;
  readonly host: string;
  /** Whether its daemon named the process that serves it. */
  readonly inProcess: boolean;
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly host: string;
  readonly pid: number | null;
}

const followedFrom = ({ id, host, pid }: Row): FollowedSession => ({ id, host, inProcess: pid !== null });

/** One that may still get an end: live, or ended by us and not yet by its daemon. */
const open = sql`s.door_ref is not null and s.door_state in ('open', 'pending', 'not_proven')`;

async function first(reader: Reader, where: SQL): Promise<FollowedSession | undefined> {
  const [row] = await reader.execute<Row>(
    sql`select s.id, s.host, s.pid from sessions s where ${open} and ${where} limit 1`,
  );
  return row && followedFrom(row);
}

/** By the name that its daemon has for it. */
export function followedByRef(reader: Reader, host: string, ref: string) {
  return first(reader, sql`s.host = ${host} and s.door_ref = ${ref} order by s.seq desc`);
}

/** By our own id, as a NAS hands it back. */
export function followedById(reader: Reader, host: string, id: string) {
  return first(reader, sql`s.host = ${host} and s.id = ${id}`);
}

/** By the client's end of the connection. */
export function followedByPort(
  reader: Reader,
  host: string,
  by: { readonly login: string; readonly source: string; readonly port: number },
) {
  return first(
    reader,
    sql`s.host = ${host} and s.login = ${by.login} and s.source_ip = ${by.source}::inet
      and s.source_port = ${by.port} order by s.seq desc`,
  );
}

/** The one of that login and address that began nearest to a moment: all that a feed without names can tell. */
export function followedNearest(
  reader: Reader,
  host: string,
  by: {
    readonly login: string;
    readonly channel: string;
    readonly source: string | undefined;
    readonly at: Date;
  },
) {
  const from = by.source === undefined ? sql`true` : sql`s.source_ip = ${by.source}::inet`;
  return first(
    reader,
    sql`s.host = ${host} and s.login = ${by.login} and s.channel = ${by.channel} and ${from}
      order by abs(date_part('epoch', s.opened_at - ${by.at.toISOString()}::timestamptz)), s.seq`,
  );
}

/** The daemon let it in: true when that is news. */
export async function confirmDoor(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.execute<Row>(
    sql`update sessions set door_detail = null where id = ${id} and door_detail = ${provisional} returning id`,
  );
  return rows.length === 1;
}

/** Its daemon has another name for it now. */
export async function renameDoor(tx: Tx, id: string, ref: string): Promise<void> {
  await tx.execute(
    sql`update sessions set door_ref = ${ref} where id = ${id} and door_ref is distinct from ${ref}`,
  );
}

/** What stands in the detail of a door whose daemon did not answer the last time. */
export const unanswered = 'out of reach: ';

export interface FarDoor extends FollowedSession {
  readonly ref: string;
  readonly login: string;
  readonly channel: string;
  readonly sourceIp: string | null;
  readonly openedAt: number;
}

interface FarRow extends Row {
  readonly ref: string;
  readonly login: string;
  readonly channel: string;
  readonly source_ip: string | null;
  readonly opened_ms: number;
}

const farColumns = sql`s.id, s.host, s.pid, s.door_ref as ref, s.login, s.channel, host(s.source_ip) as source_ip,
  round(date_part('epoch', s.opened_at) * 1000) as opened_ms`;
const farFrom = (row: FarRow): FarDoor => ({
  ...followedFrom(row),
  ...{
    ref: row.ref,
    login: row.login,
    channel: row.channel,
    sourceIp: row.source_ip,
    openedAt: row.opened_ms,
  },
});

/**
 * Sessions that are over here and still to be ended at their daemon, on this host: taken in hand until `again`, so
 * that no two nodes are at one. `door_at` is when it was last tried, while the door is not shut.
 */
export async function claimFarDoors(
  tx: Tx,
  host: string,
  at: Date,
  againMs: number,
  limit: number,
): Promise<FarDoor[]> {
  const due = new Date(at.getTime() - againMs).toISOString();
  const rows = await tx.execute<FarRow>(sql`
    with due as (select s.id from sessions s where s.host = ${host} and s.door_state in ('pending', 'not_proven')
      and s.door_ref is not null and s.pid is null and (s.door_at is null or s.door_at <= ${due})
      order by s.door_at nulls first, s.seq limit ${limit} for update skip locked)
    update sessions s set door_at = ${at.toISOString()} from due where s.id = due.id returning ${farColumns}`);
  return rows.map(farFrom);
}

/** All of a login on a host that may still be open at its daemon, by channel and address. */
export async function siblingsOf(
  reader: Reader,
  { host, login, channel, sourceIp }: FarDoor,
): Promise<FarDoor[]> {
  const from = sourceIp === null ? sql`s.source_ip is null` : sql`s.source_ip = ${sourceIp}::inet`;
  const rows = await reader.execute<FarRow>(sql`
    select ${farColumns} from sessions s where ${open} and s.host = ${host} and s.login = ${login}
      and s.channel = ${channel} and ${from} order by s.seq limit 1000`);
  return rows.map(farFrom);
}

/** Its daemon was out of reach: it waits, and says so. */
export async function noteUnanswered(tx: Tx, id: string, detail: string): Promise<void> {
  await tx.execute(sql`update sessions set door_state = 'pending', door_detail = ${unanswered + detail}
    where id = ${id} and door_state in ('pending', 'not_proven')`);
}

/**
 * Its daemon names the process that serves it from now on. Only a session that still stands gets one, and only a
 * process that is no other session's: false otherwise. Wakes the stream of its host, so that its agent takes it up.
 */
export async function bindProcess(
  tx: Tx,
  { id, host }: FollowedSession,
  process: { readonly pid: number; readonly start: string; readonly boot_id: string },
): Promise<boolean> {
  const { pid, start, boot_id: boot } = process;
  const rows = await tx.execute<{ id: string }>(sql`
    update sessions s set pid = ${pid}, pid_start = ${start}, boot_id = ${boot}, door_detail = null
     where s.id = ${id} and s.ended_at is null and s.pid is null and not ${sql.raw(cutOff)}
       and not exists (select 1 from sessions o where o.host = ${host} and o.door_state <> 'ended' and o.pid = ${pid}
         and o.pid_start = ${start} and o.boot_id = ${boot})
     returning s.id, pg_notify('gatehouse_doors', s.id || ' ' || s.host)`);
  return rows.length === 1;
}

/** A daemon uses a name of its own anew: what it named before is over. */
export async function supersedeDoor(tx: Tx, host: string, ref: string, at: Date): Promise<void> {
  await tx.execute(sql`
    update sessions set ended_at = coalesce(ended_at, ${at.toISOString()}::timestamptz),
      end_reason = coalesce(end_reason, 'closed'), door_state = 'ended', door_at = ${at.toISOString()},
      door_detail = 'its daemon uses its name anew'
     where host = ${host} and door_ref = ${ref} and door_state in ('open', 'pending', 'not_proven')`);
}

/** Those that a daemon never took up: judged here before `before`, and refused there, or broken off. */
export async function neverTakenUp(reader: Reader, before: Date): Promise<FollowedSession[]> {
  const rows = await reader.execute<Row>(
    sql`select s.id, s.host, s.pid from sessions s where s.ended_at is null and s.door_detail = ${provisional}
      and s.opened_at < ${before.toISOString()} order by s.seq limit 500`,
  );
  return rows.map(followedFrom);
}
