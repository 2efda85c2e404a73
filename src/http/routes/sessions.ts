import { endSessions } from '../../actions/end-sessions.ts';
import { sessionsListed } from '../../actions/list-sessions.ts';
import { readOrder } from '../../actions/read-order.ts';
import * as api from '../../protocol/api.ts';
import { route } from '../route.ts';

const tag = 'Sessions';
const enter = 'caller';

export const sessionRoutes = [
  route({
    method: 'get',
    path: '/v1/sessions',
    enter,
    tag,
    summary: 'List sessions on every channel, newest first',
    query: api.sessionQuery,
    answer: api.sessionList,
    run: ({ ctx, query }) => sessionsListed(ctx, query),
  }),
  route({
    method: 'post',
    path: '/v1/sessions/end',
    enter,
    tag,
    summary: 'Log off: one order, in force at once, proved door by door',
    status: 202,
    body: api.endRequest,
    answer: api.endAnswer,
    limit: 131_072,
    run: ({ ctx, body }) => endSessions(ctx, body),
  }),
  route({
    method: 'get',
    path: '/v1/orders/{id}',
    enter,
    tag,
    summary: 'What became of a logoff, with a receipt from every door',
    answer: api.order,
    run: ({ ctx, params }) => readOrder(ctx, params.id ?? ''),
  }),
];
