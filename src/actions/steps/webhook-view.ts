/** What is shown of a webhook and its deliveries, and who may see which. */
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Delivery, Webhook } from '../../protocol/webhooks.ts';
import type { DeliveryRow } from '../../store/webhook-deliveries.ts';
import type { WebhookRow } from '../../store/webhooks.ts';
import type { Ctx } from '../context.ts';
import { mayNot } from './may.ts';

export const webhookSecretAbout = (id: string) => `webhook:${id}`;

/** Administrators have all of them; a client has those that it made. */
export function mayNotWebhooks(ctx: Ctx): { ok: false; refusal: Refusal } | undefined {
  return mayNot(ctx, { scopes: ['webhooks'], roles: ['admin'] });
}

/** Whose webhooks the caller sees; undefined for all. */
export function ownWebhooksOnly(ctx: Ctx): string | undefined {
  return ctx.principal.kind === 'client' ? ctx.principal.client.id : undefined;
}

/** A refusal when there is none, or it is somebody else's: both look alike. */
export function notYours(
  ctx: Ctx,
  row: Pick<WebhookRow, 'createdBy'> | undefined,
): { ok: false; refusal: Refusal } | undefined {
  const own = ownWebhooksOnly(ctx);
  const mine = row !== undefined && (own === undefined || own === row.createdBy);
  return mine ? undefined : refuse('not_found');
}

const iso = (at: Date | null) => at?.toISOString() ?? null;

export function webhookView(row: WebhookRow, now: Date): Webhook {
  const overlap = row.previousUntil !== null && row.previousUntil > now ? row.previousUntil : null;
  return {
    id: row.id,
    url: row.url,
    events: row.events,
    enabled: row.disabledAt === null,
    disabled_at: iso(row.disabledAt),
    disabled_because: row.disabledBecause,
    failing_since: iso(row.failingSince),
    previous_secret_until: iso(overlap),
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
  };
}

export function deliveryView(row: DeliveryRow): Delivery {
  const over = row.deliveredAt !== null || row.failedAt !== null;
  return {
    webhook_id: row.webhookId,
    event_id: row.eventId,
    event: row.event,
    state: row.deliveredAt !== null ? 'delivered' : row.failedAt !== null ? 'failed' : 'pending',
    attempts: row.attempts,
    queued_at: row.queuedAt.toISOString(),
    attempted_at: iso(row.attemptedAt),
    next_attempt_at: over ? null : iso(row.dueAt),
    delivered_at: iso(row.deliveredAt),
    failed_at: iso(row.failedAt),
    last_status: row.lastStatus,
    last_fault: row.lastFault,
  };
}
