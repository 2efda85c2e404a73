/** How a session is read: one list of columns and one translation, for the hot path and for every list. */
import { type SQL, sql } from 'drizzle-orm';
import { type StoreName, storeNames } from '../domain/channels/index.ts';
import { type Policy, type Profile, profiles } from '../domain/policy.ts';
import type { DoorState, EndReason, SessionFacts } from '../domain/session.ts';

/** Counted in floating point, cheaper than `extract`'s exact numbers, and rounded to the stored millisecond. */
const ms = (column: string, name: string) => `round(date_part('epoch', s.${column}) * 1000) as ${name}`;

/** True for a session that a bulk logoff means whose tidying has not reached it. */
export const cutOff = `exists (select 1 from cutoffs k where s.seq < k.up_to
  and (k.store is null or k.store = s.store) and (k.channel is null or k.channel = s.channel)
  and (k.host is null or k.host = s.host) and (k.source is null or s.source_ip <<= k.source)
  and (k.opened_before is null or s.opened_at < k.opened_before))`;

export const sessionColumns = `s.id, s.seq::float8 as seq, s.account_id, coalesce(a.login, s.login) as account_login, s.credential_id,
  s.login, s.store, s.channel, s.profile, s.host, host(s.source_ip) as source_ip, s.source_port, s.user_agent,
  ${ms('opened_at', 'opened_ms')}, ${ms('last_seen_at', 'seen_ms')}, s.idle_ms, ${ms('absolute_at', 'absolute_ms')},
  ${ms('ended_at', 'ended_ms')}, s.end_reason, s.order_id, s.door_state, ${ms('door_at', 'door_ms')}, s.door_detail, s.door_ref,
  s.pid, s.pid_start, s.boot_id, ${cutOff} as cut_off,
  (s.credential_id is null or coalesce(c.epoch = s.credential_epoch, false)) as credential_current,
  coalesce(a.status = 'active' or (a.status = 'suspended' and a.suspend_level = 'logins'), false) as account_open`;

/** A deleted account's sessions are still read: their hosts have to hear of the end. */
export const sessionSources = `sessions s left join accounts a on a.id = s.account_id
  left join credentials c on c.id = s.credential_id`;

export interface SessionRow {
  readonly id: string;
  readonly seq: number;
  readonly account_id: string;
  readonly account_login: string;
  readonly credential_id: string | null;
  readonly login: string;
  readonly store: StoreName;
  readonly channel: string;
  readonly profile: Profile;
  readonly host: string | null;
  readonly source_ip: string | null;
  readonly source_port: number | null;
  readonly user_agent: string | null;
  readonly opened_ms: number;
  readonly seen_ms: number;
  readonly idle_ms: number;
  readonly absolute_ms: number;
  readonly ended_ms: number | null;
  readonly end_reason: EndReason | null;
  readonly order_id: string | null;
  readonly door_state: DoorState | null;
  readonly door_ms: number | null;
  readonly door_detail: string | null;
  readonly door_ref: string | null;
  readonly pid: number | null;
  readonly pid_start: string | null;
  readonly boot_id: string | null;
  readonly cut_off: boolean;
  readonly credential_current: boolean;
  readonly account_open: boolean;
}

export function factsFrom(row: SessionRow): SessionFacts {
  const process =
    row.pid !== null && row.pid_start !== null && row.boot_id !== null
      ? { pid: row.pid, start: row.pid_start, boot: row.boot_id }
      : null;
  return {
    id: row.id,
    seq: row.seq,
    accountId: row.account_id,
    accountLogin: row.account_login,
    credentialId: row.credential_id,
    login: row.login,
    store: row.store,
    channel: row.channel,
    profile: row.profile,
    host: row.host,
    sourceIp: row.source_ip,
    sourcePort: row.source_port,
    userAgent: row.user_agent,
    openedAt: row.opened_ms,
    lastSeenAt: row.seen_ms,
    idleMs: row.idle_ms,
    absoluteAt: row.absolute_ms,
    endedAt: row.ended_ms,
    endReason: row.end_reason ?? undefined,
    orderId: row.order_id,
    doorState: row.door_state,
    doorAt: row.door_ms,
    doorDetail: row.door_detail,
    doorRef: row.door_ref,
    process,
    cutOff: row.cut_off,
    credentialCurrent: row.credential_current,
    accountOpen: row.account_open,
  };
}

/**
 * The policy's span in ms for the store and profile of `s`. Written out as branches: looked up in a table once a row,
 * it would make a count over a million sessions outlast what a statement may take.
 */
function span(policy: Policy, clock: 'idle_seconds' | 'absolute_seconds'): SQL {
  const stores = storeNames.map((store) => {
    const spans = profiles.map(
      (profile) => `when '${profile}' then ${Number(policy.stores[store][profile][clock]) * 1000}`,
    );
    return `when '${store}' then case s.profile ${spans.join(' ')} end`;
  });
  return sql.raw(`(case s.store ${stores.join(' ')} end)`);
}

const idleAt = (policy: Policy) =>
  sql`s.last_seen_at + least(s.idle_ms, ${span(policy, 'idle_seconds')}) * interval '1 ms'`;
const absoluteAt = (policy: Policy) =>
  sql`least(s.absolute_at, s.opened_at + ${span(policy, 'absolute_seconds')} * interval '1 ms')`;

/** SQL for the moment at which `s` runs out by either clock. */
export function endSql(policy: Policy): SQL {
  return sql`least(${idleAt(policy)}, ${absoluteAt(policy)})`;
}

/** SQL for "which clock of `s` has run out at `now`": `idle`, `absolute` or null. Mirrors domain/session. */
function expiredSql(policy: Policy, now: Date): SQL {
  const at = now.toISOString();
  const absolute = absoluteAt(policy);
  return sql`(case
      when ${idleAt(policy)} < least(${absolute}, ${at}::timestamptz + interval '1 ms') then 'idle'
      when ${absolute} <= ${at} then 'absolute' end)`;
}

/**
 * SQL for "which clock has ended `s`", null while none has. A session in processes is its agent's: it sees the traffic,
 * and may have been out of reach while it was used; only the absolute clock counts here, at `late`.
 */
export function overSql(policy: Policy, now: Date, late = now): SQL {
  return sql`case when s.door_state is null then ${expiredSql(policy, now)}
    when ${absoluteAt(policy)} <= ${late.toISOString()} then 'absolute' end`;
}
