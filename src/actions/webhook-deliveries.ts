/** What became of deliveries, and doing them again. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { namesByKind, testEvent } from '../domain/webhook-events.ts';
import type { Delivery, DeliveryQuery } from '../protocol/webhooks.ts';
import {
  type DeliveryRow,
  eventOnRecord,
  listDeliveries,
  replayDelivery,
  replaySince,
} from '../store/webhook-deliveries.ts';
import { lockWebhook, type WebhookRow, webhookById } from '../store/webhooks.ts';
import { type Ctx, unchanged } from './context.ts';
import { cursorOf, placeOf } from './steps/cursor.ts';
import { deliveryView, mayNotWebhooks, notYours } from './steps/webhook-view.ts';

/** So many at once: the rest is asked for again. */
const replayBatch = 5000;

/** `GET /v1/webhooks/{id}/deliveries`, newest first. */
export async function deliveriesListed(
  ctx: Ctx,
  id: string,
  query: DeliveryQuery,
): Promise<Outcome<{ items: Delivery[]; next_cursor: string | null }>> {
  const no = mayNotWebhooks(ctx) ?? notYours(ctx, await webhookById(ctx.read, id));
  if (no) return no;
  const before = placeOf(query.cursor);
  if (!before.ok) return before;
  const filter = { state: query.state, before: before.value };
  const found = await listDeliveries(ctx.read, id, filter, query.limit + 1);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  const next_cursor = found.length > query.limit && last !== undefined ? cursorOf(last.eventSeq) : null;
  return done({ items: items.map(deliveryView), next_cursor });
}

/** Where something is sent, the endpoint must take it. */
function standing(ctx: Ctx, row: WebhookRow | undefined) {
  return notYours(ctx, row) ?? (row?.disabledAt === null ? undefined : refuse('webhook_disabled'));
}

/** `POST /v1/webhooks/{id}/test`: an event that only this endpoint hears, whatever it listens to. */
export async function testWebhook(ctx: Ctx, id: string): Promise<Outcome<Delivery>> {
  const no = mayNotWebhooks(ctx);
  if (no) return no;
  const tested = await ctx.act<Outcome<undefined>>(async (tx) => {
    const refused = standing(ctx, await lockWebhook(tx, id));
    if (refused) return unchanged(refused);
    return { value: done(undefined), events: [{ kind: 'webhook.tested', detail: { id } }] };
  });
  if (!tested.ok) return tested;
  const [row] = await listDeliveries(ctx.read, id, { event: testEvent }, 1);
  return row === undefined ? refuse('not_found') : done(deliveryView(row));
}

/** `POST /v1/webhooks/{id}/deliveries/{event_id}/replay` */
export async function replayOne(ctx: Ctx, id: string, eventId: string): Promise<Outcome<Delivery>> {
  const no = mayNotWebhooks(ctx);
  if (no) return no;
  return ctx.act<Outcome<Delivery>>(async (tx) => {
    const refused = standing(ctx, await lockWebhook(tx, id));
    if (refused) return unchanged(refused);
    const row: DeliveryRow | undefined = await replayDelivery(tx, id, eventId, ctx.now);
    if (row === undefined) return unchanged(refuse('not_found'));
    const event = { kind: 'webhook.replayed', detail: { id, event_id: eventId } } as const;
    return { value: done(deliveryView(row)), events: [event] };
  });
}

/** `POST /v1/webhooks/{id}/replay`: whatever it listens to and has happened since then. */
export async function replayFrom(
  ctx: Ctx,
  id: string,
  since: Date,
): Promise<Outcome<{ queued: number; next_since: string | null }>> {
  const no = mayNotWebhooks(ctx);
  if (no) return no;
  return ctx.act<Outcome<{ queued: number; next_since: string | null }>>(async (tx) => {
    const row = await lockWebhook(tx, id);
    const refused = standing(ctx, row);
    if (refused || row === undefined) return unchanged(refused ?? refuse('not_found'));
    const queued = await replaySince(tx, id, namesByKind(row.events), since, ctx.now, replayBatch);
    if (queued.length === 0) return unchanged(done({ queued: 0, next_since: null }));
    const last = queued.length < replayBatch ? undefined : await eventOnRecord(tx, Math.max(...queued));
    const detail = { id, since: since.toISOString(), queued: queued.length };
    const value = done({ queued: queued.length, next_since: last?.at.toISOString() ?? null });
    return { value, events: [{ kind: 'webhook.replayed', detail }] };
  });
}
