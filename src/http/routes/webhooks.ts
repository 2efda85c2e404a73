import { deliveriesListed, replayFrom, replayOne, testWebhook } from '../../actions/webhook-deliveries.ts';
import {
  changeWebhook,
  createWebhook,
  readWebhook,
  removeWebhook,
  webhooksListed,
} from '../../actions/webhooks.ts';
import * as api from '../../protocol/webhooks.ts';
import { route } from '../route.ts';

const tag = 'Webhooks';
const enter = 'caller';
const id = (params: Readonly<Record<string, string>>) => params.id ?? '';

export const webhookRoutes = [
  route({
    method: 'post',
    path: '/v1/webhooks',
    enter,
    tag,
    summary: 'Tell events to an endpoint; the secret that signs them is shown this once',
    status: 201,
    body: api.newWebhook,
    answer: api.webhookMade,
    run: ({ ctx, body }) => createWebhook(ctx, body),
  }),
  route({
    method: 'get',
    path: '/v1/webhooks',
    enter,
    tag,
    summary: 'All webhooks; for a client, those that it made',
    answer: api.webhookList,
    run: ({ ctx }) => webhooksListed(ctx),
  }),
  route({
    method: 'get',
    path: '/v1/webhooks/{id}',
    enter,
    tag,
    summary: 'Read a webhook',
    answer: api.webhook,
    run: ({ ctx, params }) => readWebhook(ctx, id(params)),
  }),
  route({
    method: 'patch',
    path: '/v1/webhooks/{id}',
    enter,
    tag,
    summary: 'Change, disable or enable a webhook, or give it a new secret',
    body: api.webhookPatch,
    answer: api.webhookPatched,
    run: ({ ctx, params, body }) => changeWebhook(ctx, id(params), body),
  }),
  route({
    method: 'delete',
    path: '/v1/webhooks/{id}',
    enter,
    tag,
    summary: 'Take a webhook away, with what waits for it',
    status: 204,
    run: ({ ctx, params }) => removeWebhook(ctx, id(params)),
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/test',
    enter,
    tag,
    summary: 'Send `webhook.test`; what became of it is in the list of deliveries',
    status: 202,
    answer: api.delivery,
    run: ({ ctx, params }) => testWebhook(ctx, id(params)),
  }),
  route({
    method: 'get',
    path: '/v1/webhooks/{id}/deliveries',
    enter,
    tag,
    summary: 'Deliveries of the last 30 days, newest first',
    query: api.deliveryQuery,
    answer: api.deliveryList,
    run: ({ ctx, params, query }) => deliveriesListed(ctx, id(params), query),
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/deliveries/{event_id}/replay',
    enter,
    tag,
    summary: 'Deliver one event again, under the same message id',
    status: 202,
    answer: api.delivery,
    run: ({ ctx, params }) => replayOne(ctx, id(params), params.event_id ?? ''),
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/replay',
    enter,
    tag,
    summary: 'Deliver everything since a moment, also what happened while it was disabled',
    status: 202,
    body: api.replayRequest,
    answer: api.replayAnswer,
    run: ({ ctx, params, body }) => replayFrom(ctx, id(params), new Date(body.since)),
  }),
];
