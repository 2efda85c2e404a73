/**
 * Sends what waits in the outbox of webhooks. Any node does, each with lanes of its own: an endpoint gets a few of them,
 * one that fails gets one, so that who is slow waits for himself alone.
 */
import { failingMs, nextTryMs, webhookBody } from '../domain/webhook-events.ts';
import { log } from '../log.ts';
import { webhookAttempts, webhookOldestSeconds, webhooksWaiting } from '../metrics.ts';
import type { Heard } from '../outbound/courier.ts';
import { signedHeaders } from '../outbound/signed.ts';
import type { Tx } from '../store/db.ts';
import {
  claimDelivery,
  type DeliveryRow,
  dueEndpoints,
  eventOnRecord,
  settleDelivery,
  sweepDeliveries,
  waitingDeliveries,
} from '../store/webhook-deliveries.ts';
import { forgetSecrets, noteHealth, type WebhookRow, webhookById } from '../store/webhooks.ts';
import type { Ctx } from './context.ts';
import { shutWebhook } from './steps/shut-webhook.ts';
import { webhookSecretAbout } from './steps/webhook-view.ts';

const lanesEach = 4;
/** Where nobody is slow, half of all lanes are free for whoever has more than one to send. */
const lanesShared = 32;
const lanesAll = 64;
/** Longer than any attempt: nobody else takes a delivery up while its sender may still be at it. */
const leaseMs = 60_000;
const keptMs = 30 * 86_400_000;
const sweepBatch = 5000;

/**
 * Begins whatever is due and has a lane; a lane goes on until nothing is due for its endpoint.
 *
 * @param enterNow enters the house at this moment: a lane outlives the turn that began it.
 */
export async function deliverWebhooks(enterNow: () => Ctx): Promise<void> {
  const ctx = enterNow();
  const { lanes } = ctx.house.courier;
  for (const { id, failing } of await dueEndpoints(ctx.read, ctx.now, lanesAll)) {
    for (let busy = lanes.busy(id); busy < (failing ? 1 : lanesEach); busy++) {
      if (lanes.total() >= (busy === 0 ? lanesAll : lanesShared)) break;
      lanes.run(id, () => deliverNext(enterNow, id));
    }
  }
}

async function deliverNext(enterNow: () => Ctx, webhookId: string): Promise<'more' | 'done'> {
  const ctx = enterNow();
  const row = await ctx.touch((tx) => claimDelivery(tx, webhookId, ctx.now, leaseMs));
  const webhook = row === undefined ? undefined : await webhookById(ctx.read, webhookId);
  if (row === undefined || webhook === undefined) return 'done';
  const heard = await attempt(ctx, webhook, row);
  await settle(enterNow(), webhook, row, heard);
  return 'more';
}

/** What is no longer on record cannot be told. */
const forgotten = 'event_forgotten';

async function attempt(ctx: Ctx, webhook: WebhookRow, row: DeliveryRow): Promise<Heard> {
  const event = await eventOnRecord(ctx.read, row.eventSeq);
  if (event === undefined) return { fault: forgotten };
  const body = webhookBody(row.event, event);
  return ctx.house.courier.post({
    url: webhook.url,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Gatehouse',
      ...signedHeaders(row.eventId, ctx.now, body, secretsOf(ctx, webhook)),
    },
    body,
  });
}

function secretsOf(ctx: Ctx, { id, secret, previousSecret, previousUntil }: WebhookRow): string[] {
  const overlaps = previousSecret !== null && previousUntil !== null && previousUntil > ctx.now;
  const boxes = overlaps ? [secret, previousSecret] : [secret];
  return boxes.map((box) => ctx.house.sealer.open(webhookSecretAbout(id), box).toString());
}

const isTaken = ({ status = 0 }: Heard) => status >= 200 && status < 300;

async function settle(ctx: Ctx, webhook: WebhookRow, row: DeliveryRow, heard: Heard): Promise<void> {
  const said = { lastStatus: heard.status ?? null, lastFault: heard.fault ?? null };
  if (isTaken(heard)) {
    webhookAttempts.inc({ outcome: 'delivered' });
    await ctx.touch(async (tx) => {
      await settleDelivery(tx, row, { ...said, deliveredAt: ctx.now });
      if (webhook.failingSince !== null) await noteHealth(tx, webhook.id, false, ctx.now);
    });
    return;
  }
  const chance = ctx.house.world.random(4).readUInt32BE() / 2 ** 32;
  const next = nextTryMs(row.attempts, ctx.now.getTime() - row.queuedAt.getTime(), chance);
  const over = next === undefined || heard.fault === forgotten;
  webhookAttempts.inc({ outcome: over ? 'given_up' : 'failed' });
  log.warn(
    { webhook: webhook.id, event: row.eventId, ...heard, tries: row.attempts, over },
    'a webhook was not delivered',
  );
  if (over) await giveUp(ctx, row, said);
  else {
    const dueAt = new Date(ctx.now.getTime() + next);
    await ctx.touch(async (tx) => {
      await settleDelivery(tx, row, { ...said, dueAt });
      await noteHealth(tx, webhook.id, true, ctx.now);
    });
  }
  await weigh(ctx, webhook, heard);
}

type Said = Pick<DeliveryRow, 'lastStatus' | 'lastFault'>;

async function giveUp(ctx: Ctx, row: DeliveryRow, said: Said): Promise<void> {
  await ctx.act(async (tx: Tx) => {
    await settleDelivery(tx, row, { ...said, failedAt: ctx.now });
    const { webhookId: id, eventId, event, attempts } = row;
    const detail = { id, event_id: eventId, event, attempts, ...said };
    return { value: undefined, events: [{ kind: 'webhook.given_up', detail }] };
  });
}

/** 410 says that nobody wants it any more (Standard Webhooks 1.0); days of failures say the same. */
async function weigh(ctx: Ctx, webhook: WebhookRow, heard: Heard): Promise<void> {
  const since = webhook.failingSince?.getTime() ?? ctx.now.getTime();
  if (heard.status === 410) await shutWebhook(ctx, webhook, 'gone');
  else if (ctx.now.getTime() - since >= failingMs) await shutWebhook(ctx, webhook, 'failing');
}

/** What waits, for whoever watches. */
export async function measureWebhooks(ctx: Ctx): Promise<void> {
  const { count, oldestAt } = await waitingDeliveries(ctx.read);
  webhooksWaiting.set(count);
  webhookOldestSeconds.set(oldestAt === undefined ? 0 : (ctx.now.getTime() - oldestAt.getTime()) / 1000);
}

/** Forgets old deliveries, and secrets whose overlap is over. */
export async function sweepWebhooks(ctx: Ctx): Promise<void> {
  const before = new Date(ctx.now.getTime() - keptMs);
  while ((await ctx.touch((tx) => sweepDeliveries(tx, before, sweepBatch))) === sweepBatch) {}
  await ctx.touch((tx) => forgetSecrets(tx, ctx.now));
}
