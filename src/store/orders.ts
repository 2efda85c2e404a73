import { eq, type SQL, sql } from 'drizzle-orm';
import type { Policy } from '../domain/policy.ts';
import type { BroadSelector, NarrowSelector, Selector } from '../domain/selector.ts';
import type { DoorState, EndReason, SessionFacts } from '../domain/session.ts';
import { endHalfDone } from './challenges.ts';
import type { Reader, Tx } from './db.ts';
import { unanswered } from './door-sessions.ts';
import { factsFrom, overSql, type SessionRow, sessionColumns, sessionSources } from './session-row.ts';
import { noOpenings } from './sessions.ts';
import { cutoffs, orders } from './tables/orders.ts';

export type OrderRow = typeof orders.$inferSelect;
export type CutoffRow = typeof cutoffs.$inferSelect;

export async function insertOrder(tx: Tx, row: typeof orders.$inferInsert): Promise<void> {
  await tx.insert(orders).values(row);
}

export async function orderById(reader: Reader, id: string): Promise<OrderRow | undefined> {
  const [row] = await reader.select().from(orders).where(eq(orders.id, id));
  return row;
}

/** Puts a bulk logoff in force: from the commit on, no session opened before this moment that fits passes a check. */
export async function insertCutoff(
  tx: Tx,
  orderId: string,
  selector: BroadSelector,
  at: Date,
): Promise<CutoffRow> {
  await endHalfDone(tx, selector, at);
  const [row] = await tx
    .insert(cutoffs)
    .values({
      orderId,
      upTo: sql`nextval('session_seq')`,
      store: 'store' in selector ? selector.store : null,
      channel: 'channel' in selector ? selector.channel : null,
      host: 'host' in selector ? selector.host : null,
      source: 'source' in selector ? sql`network(${selector.source}::inet)` : null,
      openedBefore: 'opened_before' in selector ? new Date(selector.opened_before) : null,
      createdAt: at,
    })
    .returning();
  if (row === undefined) throw new Error('a cut-off was not written');
  return row;
}

/** Cut-offs whose rows are not all ended yet, oldest first. */
export async function openCutoffs(reader: Reader): Promise<CutoffRow[]> {
  return reader.select().from(cutoffs).orderBy(cutoffs.createdAt);
}

function fits(selector: Selector): SQL {
  if ('ids' in selector) {
    const mine = selector.owner_id === undefined ? sql`true` : sql`s.account_id = ${selector.owner_id}`;
    return selector.ids.length === 0 ? sql`false` : sql`s.id in ${[...selector.ids]} and ${mine}`;
  }
  if ('account_id' in selector) {
    return sql`s.account_id = ${selector.account_id} and s.id <> ${selector.except_id ?? ''}`;
  }
  if ('login' in selector) return sql`s.login = ${selector.login} and s.store = ${selector.store}`;
  if ('store' in selector) return sql`s.store = ${selector.store}`;
  if ('channel' in selector) return sql`s.channel = ${selector.channel}`;
  if ('host' in selector) return sql`s.host = ${selector.host}`;
  if ('source' in selector) return sql`s.source_ip <<= ${selector.source}::inet`;
  if ('opened_before' in selector) return sql`s.opened_at < ${selector.opened_before}::timestamptz`;
  return sql`true`;
}

export interface Matched {
  readonly byChannel: Readonly<Record<string, number>>;
  /** How many of them live in processes, whose end a host has to prove. */
  readonly doors: number;
}

const unproven = sql`s.door_state in ('pending', 'not_proven')`;

interface MatchedRow extends Record<string, unknown> {
  readonly channel: string;
  readonly count: number;
  readonly doors: number;
}

function matchedFrom(rows: readonly MatchedRow[]): Matched {
  return {
    byChannel: Object.fromEntries(rows.map((row) => [row.channel, row.count])),
    doors: rows.reduce((sum, row) => sum + row.doors, 0),
  };
}

/**
 * Counts what a selector means: live sessions, ended ones whose door is not proved shut, and those that
 * `orderId` has already ended.
 */
export async function countMatched(
  reader: Reader,
  selector: Selector,
  policy: Policy,
  now: Date,
  orderId: string | null,
): Promise<Matched> {
  const rows = await reader.execute<MatchedRow>(sql`
    select s.channel, count(*)::int as count, count(s.door_state)::int as doors from sessions s
     where ${fits(selector)} and ((s.ended_at is null and ${overSql(policy, now)} is null)
        or ${unproven} or s.order_id = ${orderId}) group by s.channel`);
  return matchedFrom(rows);
}

/** A handful of what a selector means, newest first, to look at. */
export async function sampleMatched(
  reader: Reader,
  selector: Selector,
  orderId: string | null,
): Promise<SessionFacts[]> {
  const rows = await reader.execute<SessionRow & Record<string, unknown>>(sql`
    select ${sql.raw(sessionColumns)} from ${sql.raw(sessionSources)}
     where ${fits(selector)} and (s.ended_at is null or s.order_id = ${orderId}) order by s.seq desc limit 10`);
  return rows.map(factsFrom);
}

const asOrdered = (orderId: string, at: Date, reason: EndReason = 'ended') =>
  sql`ended_at = ${at.toISOString()}, end_reason = ${reason}, order_id = ${orderId}`;

/** Ends every session that a narrow selector means and puts the doors on the order. */
export async function endMatched(
  tx: Tx,
  orderId: string,
  selector: NarrowSelector,
  at: Date,
  reason: EndReason = 'ended',
): Promise<Matched & { accountIds: string[] }> {
  await endHalfDone(tx, selector, at);
  // In one order, as everything that waits for rows of sessions: two logoffs at once never wait in a ring.
  const ended = await tx.execute<{ account_id: string }>(sql`
    with hit as (select s.id from sessions s where ${fits(selector)} and s.ended_at is null order by s.id for update)
    update sessions s set ${asOrdered(orderId, at, reason)} from hit where s.id = hit.id returning s.account_id`);
  await tx.execute(sql`
    insert into order_doors (order_id, session_id)
    select ${orderId}, s.id from sessions s where ${fits(selector)} and s.ended_at is not null and ${unproven}
    on conflict do nothing`);
  const rows = await tx.execute<MatchedRow>(sql`
    select s.channel, count(*)::int as count, count(s.door_state)::int as doors from sessions s
     where ${fits(selector)} and (${unproven} or s.order_id = ${orderId}) group by s.channel`);
  return { ...matchedFrom(rows), accountIds: [...new Set(ended.map((row) => row.account_id))] };
}

function fitsCutoff(cutoff: CutoffRow): SQL {
  const parts: SQL[] = [sql`s.seq < ${cutoff.upTo}`];
  if (cutoff.store !== null) parts.push(sql`s.store = ${cutoff.store}`);
  if (cutoff.channel !== null) parts.push(sql`s.channel = ${cutoff.channel}`);
  if (cutoff.host !== null) parts.push(sql`s.host = ${cutoff.host}`);
  if (cutoff.source !== null) parts.push(sql`s.source_ip <<= ${cutoff.source}::cidr`);
  if (cutoff.openedBefore !== null) parts.push(sql`s.opened_at < ${cutoff.openedBefore.toISOString()}`);
  return sql.join(parts, sql` and `);
}

/**
 * Writes a cut-off down on some of its rows: those in processes first, since live connections wait for it.
 * Answers how many it reached; 0 means that none is left, or that others hold the rest.
 */
export async function tidyCutoff(
  tx: Tx,
  cutoff: CutoffRow,
  kind: 'doors' | 'tokens',
  limit: number,
): Promise<number> {
  const door = kind === 'doors' ? sql`s.door_state is not null` : sql`s.door_state is null`;
  const rows = await tx.execute<{ id: string; door_state: DoorState | null }>(sql`
    with hit as (select s.id from sessions s
      where s.ended_at is null and ${fitsCutoff(cutoff)} and ${door} order by s.seq limit ${limit} for update skip locked)
    update sessions s set ${asOrdered(cutoff.orderId, cutoff.createdAt)} from hit where s.id = hit.id
    returning s.id, s.door_state`);
  if (kind === 'doors') await waitForDoors(tx, cutoff);
  return rows.length;
}

async function waitForDoors(tx: Tx, cutoff: CutoffRow): Promise<void> {
  await tx.execute(sql`
    insert into order_doors (order_id, session_id)
    select ${cutoff.orderId}, s.id from sessions s
     where ${fitsCutoff(cutoff)} and s.ended_at is not null and ${unproven}
    on conflict do nothing`);
}

/**
 * Takes a cut-off away once every session that it means is ended, also one whose opening began before it and
 * committed after: only when no opening is under way. False: try again later, the cut-off holds meanwhile.
 */
export async function retireCutoff(tx: Tx, cutoff: CutoffRow): Promise<boolean> {
  if (!(await noOpenings(tx))) return false;
  const [left] = await tx.execute<{ any: boolean }>(
    sql`select exists (select 1 from sessions s where s.ended_at is null and ${fitsCutoff(cutoff)}) as any`,
  );
  if (left?.any !== false) return false;
  await waitForDoors(tx, cutoff);
  await tx.delete(cutoffs).where(eq(cutoffs.orderId, cutoff.orderId));
  await tx.update(orders).set({ tidied: true }).where(eq(orders.id, cutoff.orderId));
  return true;
}

/** The sessions of an order: those of hosts first, then those that died with their token. */
export async function sessionsOfOrder(
  reader: Reader,
  orderId: string,
  limit: number,
): Promise<SessionFacts[]> {
  const rows = await reader.execute<SessionRow & Record<string, unknown>>(sql`
    select ${sql.raw(sessionColumns)} from ${sql.raw(sessionSources)}
     where s.id in (select session_id from order_doors where order_id = ${orderId})
        or (s.order_id = ${orderId} and s.door_state is null)
     order by (s.door_state is null), s.seq limit ${limit}`);
  return rows.map(factsFrom);
}

export interface DoorStanding {
  readonly state: DoorState | null;
  readonly host: string;
  /** No agent answers for it: its daemon is told by the service, if there is a way. */
  readonly far: boolean;
  /** Its daemon did not answer the last time. */
  readonly unanswered: boolean;
}

/** How the doors of an order stand. */
export async function doorsOfOrder(reader: Reader, orderId: string): Promise<DoorStanding[]> {
  return reader.execute<DoorStanding & Record<string, unknown>>(sql`
    select distinct s.door_state as state, coalesce(s.host, '') as host,
           s.door_ref is not null and s.pid is null as far, coalesce(starts_with(s.door_detail, ${unanswered}), false) as unanswered
      from order_doors d join sessions s on s.id = d.session_id where d.order_id = ${orderId}`);
}
