/** The outbox of webhooks. Rows are written by `appendEvents`, in the transaction of the event. */
import { and, desc, eq, inArray, isNotNull, lt, or, sql } from 'drizzle-orm';
import type { EventKind } from '../domain/event.ts';
import type { Recorded } from '../domain/webhook-events.ts';
import { ask, type Reader, type Tx } from './db.ts';
import { auditEvents } from './tables/records.ts';
import { webhookDeliveries as deliveries, webhooks } from './tables/webhooks.ts';

export type DeliveryRow = typeof deliveries.$inferSelect;

const pending = sql`${deliveries.deliveredAt} is null and ${deliveries.failedAt} is null`;
const one = (webhookId: string, eventId: string) =>
  and(eq(deliveries.webhookId, webhookId), eq(deliveries.eventId, eventId));

export interface DueEndpoint {
  readonly id: string;
  readonly failing: boolean;
}

/** Endpoints for which something waits that nobody is at; those that work come first. */
export async function dueEndpoints(
  reader: Reader,
  now: Date,
  limit: number,
): Promise<readonly DueEndpoint[]> {
  return ask<DueEndpoint>(
    reader,
    `select id, failing_since is not null as failing from webhooks
      where disabled_at is null and exists (
        select 1 from webhook_deliveries where webhook_id = webhooks.id
           and delivered_at is null and failed_at is null and due_at <= $1
           and (leased_until is null or leased_until <= $1))
      order by failing_since is not null, random() limit $2`,
    [now.toISOString(), limit],
  );
}

/**
 * Takes one delivery in hand, for one node: nobody else has it before the lease is over. Its tries count from here, so
 * that one which kills its sender does not go round for ever.
 */
export async function claimDelivery(
  tx: Tx,
  webhookId: string,
  now: Date,
  leaseMs: number,
): Promise<DeliveryRow | undefined> {
  const at = now.toISOString();
  const until = new Date(now.getTime() + leaseMs).toISOString();
  const [row] = await tx
    .update(deliveries)
    .set({
      leasedUntil: sql`${until}::timestamptz`,
      attemptedAt: sql`${at}::timestamptz`,
      attempts: sql`${deliveries.attempts} + 1`,
    })
    .where(
      sql`(webhook_id, event_id) = (select webhook_id, event_id from webhook_deliveries
        where webhook_id = ${webhookId} and delivered_at is null and failed_at is null and due_at <= ${at}
          and (leased_until is null or leased_until <= ${at})
          and exists (select 1 from webhooks where id = ${webhookId} and disabled_at is null)
        order by due_at limit 1 for update skip locked)`,
    )
    .returning();
  return row;
}

type Ending = Pick<DeliveryRow, 'lastStatus' | 'lastFault'> &
  Partial<Pick<DeliveryRow, 'dueAt' | 'deliveredAt' | 'failedAt'>>;

/** What became of a try; false when somebody else has taken it up since (the lease was over). */
export async function settleDelivery(
  tx: Tx,
  row: Pick<DeliveryRow, 'webhookId' | 'eventId' | 'attempts' | 'leasedUntil'>,
  ending: Ending,
): Promise<boolean> {
  const settled = await tx
    .update(deliveries)
    .set({ ...ending, leasedUntil: null })
    .where(
      and(
        ...[one(row.webhookId, row.eventId), eq(deliveries.attempts, row.attempts)],
        isNotNull(deliveries.leasedUntil),
      ),
    )
    .returning({ eventId: deliveries.eventId });
  return settled.length === 1;
}

/** The event that a delivery tells of, as it is on record. */
export async function eventOnRecord(reader: Reader, seq: number): Promise<Recorded | undefined> {
  const [row] = await reader.select().from(auditEvents).where(eq(auditEvents.seq, seq));
  if (row === undefined) return undefined;
  return { ...row, actor: { kind: row.actorKind as Recorded['actor']['kind'], id: row.actorId } };
}

export interface DeliveryFilter {
  readonly state?: 'pending' | 'delivered' | 'failed' | undefined;
  readonly event?: string | undefined;
  /** Older than this place in the order of events. */
  readonly before?: number | undefined;
}

const states = {
  pending,
  delivered: isNotNull(deliveries.deliveredAt),
  failed: isNotNull(deliveries.failedAt),
};

/** Newest first. */
export function listDeliveries(
  reader: Reader,
  webhookId: string,
  filter: DeliveryFilter,
  limit: number,
): Promise<DeliveryRow[]> {
  return reader
    .select()
    .from(deliveries)
    .where(
      and(
        eq(deliveries.webhookId, webhookId),
        filter.state === undefined ? undefined : states[filter.state],
        filter.event === undefined ? undefined : eq(deliveries.event, filter.event),
        filter.before === undefined ? undefined : lt(deliveries.eventSeq, filter.before),
      ),
    )
    .orderBy(desc(deliveries.eventSeq))
    .limit(limit);
}

const afresh = (now: Date) => ({
  ...{ queuedAt: now, dueAt: now, attempts: 0, leasedUntil: null },
  ...{ deliveredAt: null, failedAt: null, lastStatus: null, lastFault: null },
});

/** Queues one again; what still waits is only due at once, since somebody may be at it. Undefined: there is none. */
export async function replayDelivery(
  tx: Tx,
  webhookId: string,
  eventId: string,
  now: Date,
): Promise<DeliveryRow | undefined> {
  const [waits] = await tx
    .update(deliveries)
    .set({ dueAt: now })
    .where(and(one(webhookId, eventId), pending))
    .returning();
  if (waits !== undefined) return waits;
  const over = or(isNotNull(deliveries.deliveredAt), isNotNull(deliveries.failedAt));
  const [row] = await tx
    .update(deliveries)
    .set(afresh(now))
    .where(and(one(webhookId, eventId), over))
    .returning();
  return row;
}

/**
 * Queues again whatever an endpoint would have heard since then, oldest first: also what happened while it was
 * disabled, or not there yet. What still waits is left as it is.
 *
 * @param names audit kinds by the name under which they are told.
 * @returns the places of what was queued in the order of events; `limit` of them when there may be more.
 */
export async function replaySince(
  tx: Tx,
  webhookId: string,
  names: Readonly<Partial<Record<EventKind, string>>>,
  since: Date,
  now: Date,
  limit: number,
): Promise<number[]> {
  const rows = await ask<{ seq: string }>(
    tx,
    `insert into webhook_deliveries (webhook_id, event_id, event_seq, event, queued_at, due_at)
     select $1, id, seq, $2::text::jsonb ->> kind, $4, $4 from audit_events
      where kind in (select jsonb_object_keys($2::text::jsonb)) and at >= $3 and not exists (
        select 1 from webhook_deliveries where webhook_id = $1 and event_id = audit_events.id
           and delivered_at is null and failed_at is null)
      order by seq limit $5
     on conflict (webhook_id, event_id) do update set queued_at = $4, due_at = $4, attempts = 0, leased_until = null,
       delivered_at = null, failed_at = null, last_status = null, last_fault = null
      where webhook_deliveries.delivered_at is not null or webhook_deliveries.failed_at is not null
     returning event_seq as seq`,
    [webhookId, JSON.stringify(names), since.toISOString(), now.toISOString(), limit],
  );
  return rows.map(({ seq }) => Number(seq));
}

/** What waits at endpoints that are not disabled: how many, and since when the oldest. */
export async function waitingDeliveries(
  reader: Reader,
): Promise<{ readonly count: number; readonly oldestAt: Date | undefined }> {
  const [row] = await reader
    .select({ count: sql<number>`count(*)::int`, oldest: sql<string | null>`min(${deliveries.queuedAt})` })
    .from(deliveries)
    .innerJoin(webhooks, eq(webhooks.id, deliveries.webhookId))
    .where(and(pending, sql`${webhooks.disabledAt} is null`));
  const oldest = row?.oldest ?? null;
  return { count: row?.count ?? 0, oldestAt: oldest === null ? undefined : new Date(oldest) };
}

/** Forgets deliveries after so long, whatever became of them. */
export async function sweepDeliveries(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx
    .delete(deliveries)
    .where(
      inArray(
        sql`(webhook_id, event_id)`,
        sql`(select webhook_id, event_id from webhook_deliveries where queued_at < ${before.toISOString()} limit ${limit})`,
      ),
    )
    .returning({ eventId: deliveries.eventId });
  return rows.length;
}

export async function deliveryOf(
  reader: Reader,
  webhookId: string,
  eventId: string,
): Promise<DeliveryRow | undefined> {
  const [row] = await reader.select().from(deliveries).where(one(webhookId, eventId));
  return row;
}
