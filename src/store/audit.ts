import type { Actor, AuditEvent } from '../domain/event.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import type { World } from '../world.ts';
import type { Tx } from './db.ts';
import { auditEvents } from './tables/records.ts';

export interface EventFrame {
  readonly actor: Actor;
  readonly at: Date;
  readonly requestId: string;
}

/**
 * What PostgreSQL's jsonb holds of a text: no NUL and no half of a surrogate pair. Hostile text must never keep an
 * event, and with it a decision, from being written.
 */
function storable(detail: NonNullable<AuditEvent['detail']>): unknown {
  return JSON.parse(JSON.stringify(detail).replace(/\\u(0000|d[89a-f][0-9a-f]{2})/gi, '\ufffd'));
}

/** Writes events in the transaction that they describe. */
export async function appendEvents(
  tx: Tx,
  world: World,
  frame: EventFrame,
  events: readonly AuditEvent[],
): Promise<void> {
  await tx.insert(auditEvents).values(
    events.map((event) => ({
      id: idFrom('event', world.random(idBytes)),
      at: frame.at,
      kind: event.kind,
      actorKind: frame.actor.kind,
      actorId: frame.actor.id,
      accountId: event.accountId ?? null,
      sessionId: event.sessionId ?? null,
      orderId: event.orderId ?? null,
      source: event.source ?? null,
      requestId: frame.requestId,
      detail: event.detail === undefined ? null : storable(event.detail),
    })),
  );
}
