/** Endpoints that hear of events: made, looked at, changed, taken away. */
import type { AuditEvent } from '../domain/event.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { idBytes, idFrom, tokenBytes } from '../domain/token.ts';
import type { NewWebhook, Webhook, WebhookMade, WebhookPatch, WebhookPatched } from '../protocol/webhooks.ts';
import {
  countWebhooks,
  deleteWebhook,
  insertWebhook,
  lockWebhook,
  updateWebhook,
  type WebhookRow,
  webhookById,
  webhooksBy,
} from '../store/webhooks.ts';
import { type Ctx, unchanged } from './context.ts';
import {
  mayNotWebhooks,
  notYours,
  ownWebhooksOnly,
  webhookSecretAbout,
  webhookView,
} from './steps/webhook-view.ts';

/** Each event is written once for every endpoint, in the transaction that it tells of. */
const mostWebhooks = 100;
const usualOverlapSeconds = 86_400;

/** 256 random bits, as Standard Webhooks writes a symmetric secret. */
function freshSecret(ctx: Ctx, id: string): { readonly secret: string; readonly sealed: Buffer } {
  const secret = `whsec_${ctx.house.world.random(tokenBytes).toString('base64')}`;
  return { secret, sealed: ctx.house.sealer.seal(webhookSecretAbout(id), Buffer.from(secret)) };
}

/** A refusal for a URL that could never be dialled. */
function unreachable(ctx: Ctx, url: string | undefined) {
  if (url === undefined || url.startsWith('https:') || ctx.house.courier.rule.anyPlain) return undefined;
  const message = 'must be https: without TLS only networks in WEBHOOK_ALLOW are reached';
  return refuse('invalid_field', { errors: [{ path: 'url', message }] });
}

/** `POST /v1/webhooks` */
export async function createWebhook(ctx: Ctx, input: NewWebhook): Promise<Outcome<WebhookMade>> {
  const no = mayNotWebhooks(ctx) ?? unreachable(ctx, input.url);
  if (no) return no;
  const id = idFrom('webhook', ctx.house.world.random(idBytes));
  const { secret, sealed } = freshSecret(ctx, id);
  return ctx.act<Outcome<WebhookMade>>(async (tx) => {
    if ((await countWebhooks(tx)) >= mostWebhooks) {
      return unchanged(refuse('limit_reached', { detail: `There are ${mostWebhooks} webhooks already.` }));
    }
    const row = { id, ...input, secret: sealed, createdBy: ctx.actor.id, createdAt: ctx.now };
    const made = await insertWebhook(tx, row);
    const event = { kind: 'webhook.created', detail: { id, ...input } } as const;
    return { value: done({ ...webhookView(made, ctx.now), secret }), events: [event] };
  });
}

/** `GET /v1/webhooks` */
export async function webhooksListed(ctx: Ctx): Promise<Outcome<{ items: Webhook[]; next_cursor: null }>> {
  const no = mayNotWebhooks(ctx);
  if (no) return no;
  const rows = await webhooksBy(ctx.read, ownWebhooksOnly(ctx));
  return done({ items: rows.map((row) => webhookView(row, ctx.now)), next_cursor: null });
}

/** `GET /v1/webhooks/{id}` */
export async function readWebhook(ctx: Ctx, id: string): Promise<Outcome<Webhook>> {
  const no = mayNotWebhooks(ctx);
  if (no) return no;
  const row = await webhookById(ctx.read, id);
  const missing = notYours(ctx, row);
  if (missing || row === undefined) return missing ?? refuse('not_found');
  return done(webhookView(row, ctx.now));
}

/** `DELETE /v1/webhooks/{id}`: what waits for it goes, too. */
export async function removeWebhook(ctx: Ctx, id: string): Promise<Outcome<undefined>> {
  const no = mayNotWebhooks(ctx);
  if (no) return no;
  return ctx.act<Outcome<undefined>>(async (tx) => {
    const row = await lockWebhook(tx, id);
    const missing = notYours(ctx, row);
    if (missing || row === undefined) return unchanged(missing ?? refuse('not_found'));
    await deleteWebhook(tx, id);
    return { value: done(undefined), events: [{ kind: 'webhook.deleted', detail: { id, url: row.url } }] };
  });
}

/** `PATCH /v1/webhooks/{id}` */
export async function changeWebhook(
  ctx: Ctx,
  id: string,
  patch: WebhookPatch,
): Promise<Outcome<WebhookPatched>> {
  const no = mayNotWebhooks(ctx) ?? unreachable(ctx, patch.url);
  if (no) return no;
  const fresh = patch.rotate_secret === true ? freshSecret(ctx, id) : undefined;
  return ctx.act<Outcome<WebhookPatched>>(async (tx) => {
    const row = await lockWebhook(tx, id);
    const missing = notYours(ctx, row);
    if (missing || row === undefined) return unchanged(missing ?? refuse('not_found'));
    const set = { ...changes(ctx, row, patch), ...(fresh && rotated(ctx, row, fresh.sealed, patch)) };
    if (Object.keys(set).length === 0) return unchanged(done(webhookView(row, ctx.now)));
    const view = webhookView(await updateWebhook(tx, id, set), ctx.now);
    const { rotate_secret, ...said } = patch;
    const detail = { id, ...said, ...(rotate_secret === true ? { rotated: true } : {}) };
    const event: AuditEvent = { kind: 'webhook.changed', detail };
    return { value: done(fresh === undefined ? view : { ...view, secret: fresh.secret }), events: [event] };
  });
}

type Set = Partial<WebhookRow>;

function changes(ctx: Ctx, row: WebhookRow, { url, events, enabled }: WebhookPatch): Set {
  const off: Set = { disabledAt: ctx.now, disabledBecause: 'asked' };
  // Who is let in again starts with a clean slate.
  const on: Set = { disabledAt: null, disabledBecause: null, failingSince: null };
  const turned = enabled !== undefined && enabled === (row.disabledAt !== null);
  return {
    ...(url === undefined ? {} : { url }),
    ...(events === undefined ? {} : { events }),
    ...(turned ? (enabled ? on : off) : {}),
  };
}

/** The old secret signs on for a while, so that receivers can change over without losing a message. */
function rotated(ctx: Ctx, row: WebhookRow, secret: Buffer, patch: WebhookPatch): Set {
  const overlapMs = (patch.overlap_seconds ?? usualOverlapSeconds) * 1000;
  if (overlapMs === 0) return { secret, previousSecret: null, previousUntil: null };
  return {
    secret,
    previousSecret: row.secret,
    previousUntil: new Date(ctx.now.getTime() + overlapMs),
  };
}
