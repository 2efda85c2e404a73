import { and, desc, eq, gt, inArray, ne } from 'drizzle-orm';
import type { Actor, AuditEvent, EventKind } from '../domain/event.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import { everyEvent, toldAs } from '../domain/webhook-events.ts';
import type { World } from '../world.ts';
import { ask, type Reader, type Tx } from './db.ts';
import { auditEvents } from './tables/records.ts';

export interface EventFrame {
  readonly actor: Actor;
  readonly at: Date;
  readonly requestId: string;
}

/**
 * JSON as PostgreSQL's jsonb holds it: no NUL and no half of a surrogate pair. Hostile text must never keep an event,
 * and with it a decision, from being written.
 */
function storable(value: unknown): string {
  return JSON.stringify(value).replace(/\\u(0000|d[89a-f][0-9a-f]{2})/gi, '\ufffd');
}

const columns =
  'id, at, kind, actor_kind, actor_id, account_id, session_id, order_id, source, request_id, detail';
/** One parameter for any number of events. They are numbered in their order. */
const insertion = `insert into audit_events (${columns})
  select ${columns} from jsonb_populate_recordset(null::audit_events, $1::text::jsonb)`;

/**
 * The same, and the outbox of webhooks with it: one row for each endpoint that listens. Costs a look at an empty table
 * where there is none.
 */
const insertionTold = `with written as (${insertion} returning seq, id, kind, at, detail)
  insert into webhook_deliveries (webhook_id, event_id, event_seq, event, queued_at, due_at)
  select webhooks.id, written.id, written.seq, $2::text::jsonb ->> written.kind, written.at, written.at
    from written join webhooks on webhooks.disabled_at is null
     and case written.kind when 'webhook.tested' then webhooks.id = written.detail ->> 'id'
         else webhooks.events && array[$2::text::jsonb ->> written.kind, '${everyEvent}'] end
   where $2::text::jsonb ->> written.kind is not null`;

/** Audit kinds by the name under which webhooks hear them. */
function namesTold(events: readonly AuditEvent[]): Record<string, string> {
  const names = events.map(({ kind }) => [kind, toldAs(kind)] as const);
  return Object.fromEntries(names.filter((each): each is [EventKind, string] => each[1] !== undefined));
}

/** Writes events in the transaction that they describe, and tells them to webhooks. */
export async function appendEvents(
  tx: Tx,
  world: World,
  frame: EventFrame,
  events: readonly AuditEvent[],
): Promise<void> {
  const rows = events.map((event) => ({
    id: idFrom('event', world.random(idBytes)),
    at: frame.at,
    kind: event.kind,
    actor_kind: frame.actor.kind,
    actor_id: frame.actor.id,
    account_id: event.accountId,
    session_id: event.sessionId,
    order_id: event.orderId,
    source: event.source,
    request_id: frame.requestId,
    detail: event.detail,
  }));
  const told = namesTold(events);
  if (Object.keys(told).length === 0) await ask(tx, insertion, [storable(rows)]);
  else await ask(tx, insertionTold, [storable(rows), JSON.stringify(told)]);
}

/**
 * When the last of these happened to an account after `since`, by anybody but the customer. Of any number of writers,
 * those who hold the account's lock see each other's.
 */
export async function lastOthersEvent(
  reader: Reader,
  accountId: string,
  kinds: readonly EventKind[],
  since: Date,
): Promise<Date | undefined> {
  const [row] = await reader
    .select({ at: auditEvents.at })
    .from(auditEvents)
    .where(
      and(
        ...[eq(auditEvents.accountId, accountId), inArray(auditEvents.kind, [...kinds])],
        ...[gt(auditEvents.at, since), ne(auditEvents.actorKind, 'session')],
      ),
    )
    .orderBy(desc(auditEvents.seq))
    .limit(1);
  return row?.at;
}
