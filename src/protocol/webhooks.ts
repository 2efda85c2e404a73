/** The shapes of webhooks (contract section 12). Deliveries are those of Standard Webhooks. */
import { z } from 'zod';
import { everyEvent, webhookEvents } from '../domain/webhook-events.ts';
import { moment } from './fields.ts';

/** Parsed as whoever dials it parses it: one spelling, and nothing in it that would be left off. */
const url = z
  .string()
  .max(2048)
  .refine((text) => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    return (
      parsed !== undefined &&
      ['https:', 'http:'].includes(parsed.protocol) &&
      parsed.username === '' &&
      parsed.password === '' &&
      parsed.hash === ''
    );
  }, 'must be an https URL without login and fragment')
  .transform((text) => new URL(text).href);

export const webhookEvent = z
  .enum([everyEvent, ...webhookEvents])
  .meta({ id: 'WebhookEvent', description: '`*` is every event, also those that later releases add.' });
const events = z
  .array(webhookEvent)
  .min(1)
  .max(100)
  .transform((list) => [...new Set(list)]);

export const newWebhook = z.strictObject({ url, events });
export const webhookPatch = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  enabled: z.boolean().optional(),
  /** A new secret; both sign until the old one's time is over. */
  rotate_secret: z.literal(true).optional(),
  overlap_seconds: z.number().int().min(0).max(604_800).optional(),
});
export const webhook = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    enabled: z.boolean(),
    disabled_at: moment.nullable(),
    disabled_because: z.enum(['asked', 'gone', 'failing', 'client_revoked']).nullable(),
    /** Since when nothing got through. */
    failing_since: moment.nullable(),
    previous_secret_until: moment.nullable(),
    created_by: z.string(),
    created_at: moment,
  })
  .meta({ id: 'Webhook' });
const secret = z.string().meta({ description: '`whsec_…`, shown this once.' });
export const webhookMade = webhook.extend({ secret }).meta({ id: 'WebhookMade' });
export const webhookPatched = webhook
  .extend({ secret: secret.optional() })
  .meta({ id: 'WebhookPatched', description: '`secret` when a new one was asked for.' });
export const webhookList = z.object({ items: z.array(webhook), next_cursor: z.string().nullable() });

export const delivery = z
  .object({
    webhook_id: z.string(),
    /** The `webhook-id` of the message. */
    event_id: z.string(),
    event: z.string(),
    state: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.number(),
    queued_at: moment,
    attempted_at: moment.nullable(),
    next_attempt_at: moment.nullable(),
    delivered_at: moment.nullable(),
    failed_at: moment.nullable(),
    last_status: z.number().nullable(),
    last_fault: z.string().nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export const deliveryQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(64).optional(),
  state: z.enum(['pending', 'delivered', 'failed']).optional(),
});
export const deliveryList = z.object({ items: z.array(delivery), next_cursor: z.string().nullable() });
export const replayRequest = z.strictObject({ since: moment });
export const replayAnswer = z.object({
  queued: z.number(),
  /** There may be more: replay again from here. */
  next_since: moment.nullable(),
});

export type NewWebhook = z.infer<typeof newWebhook>;
export type WebhookPatch = z.infer<typeof webhookPatch>;
export type Webhook = z.infer<typeof webhook>;
export type WebhookMade = z.infer<typeof webhookMade>;
export type WebhookPatched = z.infer<typeof webhookPatched>;
export type Delivery = z.infer<typeof delivery>;
export type DeliveryQuery = z.infer<typeof deliveryQuery>;
