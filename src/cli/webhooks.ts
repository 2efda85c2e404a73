import type { z } from 'zod';
import type { Ctx } from '../actions/context.ts';
import { deliveriesListed, replayFrom, replayOne, testWebhook } from '../actions/webhook-deliveries.ts';
import { changeWebhook, createWebhook, removeWebhook, webhooksListed } from '../actions/webhooks.ts';
import type { Outcome } from '../domain/refusal.ts';
import {
  type Delivery,
  deliveryQuery,
  newWebhook,
  replayRequest,
  type Webhook,
  webhookPatch,
} from '../protocol/webhooks.ts';
import { faults, type Terminal, table, tell } from './output.ts';

const stateOf = ({ enabled, disabled_because, failing_since }: Webhook) => {
  if (!enabled) return `disabled (${disabled_because})`;
  return failing_since === null ? 'enabled' : `failing since ${failing_since}`;
};

const keep = (secret: string | undefined) =>
  secret === undefined ? [] : [`secret: ${secret}`, 'Keep the secret now: it is shown this once.'];

/** What was typed, judged by the very schema of the API. */
async function judged<S extends z.ZodType, V>(
  shape: S,
  input: unknown,
  run: (parsed: z.output<S>) => Promise<Outcome<V>>,
): Promise<Outcome<V>> {
  const parsed = shape.safeParse(input);
  return parsed.success ? run(parsed.data) : faults(parsed.error);
}

/** `gatehouse webhook create URL --event E…` */
export async function webhookCreate(
  ctx: Ctx,
  terminal: Terminal,
  url: string,
  events: readonly string[],
): Promise<number> {
  const made = await judged(newWebhook, { url, events }, (input) => createWebhook(ctx, input));
  return tell(terminal, made, ({ id, secret }) => [`webhook ${id} for ${url}`, ...keep(secret)]);
}

/** `gatehouse webhook list` */
export async function webhookList(ctx: Ctx, terminal: Terminal): Promise<number> {
  return tell(terminal, await webhooksListed(ctx), ({ items }) =>
    table(items.map((each) => [each.id, stateOf(each), each.url, each.events.join(' ')])),
  );
}

/** `gatehouse webhook change ID …` */
export async function webhookChange(
  ctx: Ctx,
  terminal: Terminal,
  id: string,
  patch: Record<string, unknown>,
): Promise<number> {
  const changed = await judged(webhookPatch, patch, (input) => changeWebhook(ctx, id, input));
  return tell(terminal, changed, (view) => [`${id} is ${stateOf(view)}`, ...keep(view.secret)]);
}

/** `gatehouse webhook delete ID` */
export async function webhookDelete(ctx: Ctx, terminal: Terminal, id: string): Promise<number> {
  return tell(terminal, await removeWebhook(ctx, id), () => [`${id} is gone`]);
}

/** `gatehouse webhook test ID`: the service sends it. */
export async function webhookTest(ctx: Ctx, terminal: Terminal, id: string): Promise<number> {
  return tell(terminal, await testWebhook(ctx, id), ({ event_id }) => [
    `queued as ${event_id}; see: gatehouse webhook deliveries ${id}`,
  ]);
}

const fateOf = ({ state, attempts, last_status, last_fault }: Delivery) =>
  [state, `${attempts} tries`, last_status ?? last_fault ?? ''].join(' ').trimEnd();

/** `gatehouse webhook deliveries ID` */
export async function webhookDeliveries(
  ctx: Ctx,
  terminal: Terminal,
  id: string,
  query: Record<string, string | undefined>,
): Promise<number> {
  const found = await judged(deliveryQuery, query, (input) => deliveriesListed(ctx, id, input));
  return tell(terminal, found, ({ items, next_cursor }) => [
    ...table(items.map((each) => [each.event_id, each.event, each.queued_at, fateOf(each)])),
    ...(next_cursor === null ? [] : [`more: --cursor ${next_cursor}`]),
  ]);
}

/** `gatehouse webhook replay ID EVENT`, or `… --since TIME` */
export async function webhookReplay(
  ctx: Ctx,
  terminal: Terminal,
  id: string,
  what: { readonly eventId?: string | undefined; readonly since?: string | undefined },
): Promise<number> {
  if (what.eventId !== undefined) {
    return tell(terminal, await replayOne(ctx, id, what.eventId), (row) => [`${row.event_id} is queued`]);
  }
  const queued = await judged(replayRequest, { since: what.since }, ({ since }) =>
    replayFrom(ctx, id, new Date(since)),
  );
  return tell(terminal, queued, ({ queued: count, next_since }) => [
    `${count} queued`,
    ...(next_since === null ? [] : [`there may be more: --since ${next_since}`]),
  ]);
}
