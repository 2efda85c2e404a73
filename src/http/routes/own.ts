import { endOwnSession, endOwnSessions } from '../../actions/end-sessions.ts';
import { sessionsListed } from '../../actions/list-sessions.ts';
import { logoff } from '../../actions/logoff.ts';
import { ownSession } from '../../actions/own-session.ts';
import { readOwnOrder } from '../../actions/read-order.ts';
import * as api from '../../protocol/api.ts';
import { cookieNames } from '../../protocol/cookie.ts';
import { route } from '../route.ts';

const tag = 'Own sessions';
const enter = 'customer';

const clearing = [
  ['clear-site-data', '"cache", "cookies", "storage"'],
  ...cookieNames.map((name) => {
    const secure = name.startsWith('__Host-') ? ' Secure;' : '';
    return ['set-cookie', `${name}=; Max-Age=0; Path=/;${secure} HttpOnly; SameSite=Strict`] as const;
  }),
] as const;

export const ownRoutes = [
  route({
    method: 'get',
    path: '/v1/session',
    enter,
    tag,
    summary: 'The session of the token that is shown',
    answer: api.ownSession,
    run: ({ ctx }) => ownSession(ctx),
  }),
  route({
    method: 'delete',
    path: '/v1/session',
    enter,
    tag,
    summary: 'Log off here',
    status: 204,
    headers: clearing,
    run: ({ ctx }) => logoff(ctx),
  }),
  route({
    method: 'get',
    path: '/v1/me/sessions',
    enter,
    tag,
    summary: 'My sessions, on every channel',
    query: api.page.extend({ live: api.sessionQuery.shape.live }),
    answer: api.sessionList,
    run: ({ ctx, query }) => sessionsListed(ctx, query),
  }),
  route({
    method: 'delete',
    path: '/v1/me/sessions/{id}',
    enter,
    tag,
    summary: 'End one of my sessions',
    status: 204,
    run: ({ ctx, params }) => endOwnSession(ctx, params.id ?? ''),
  }),
  route({
    method: 'post',
    path: '/v1/me/sessions/end',
    enter,
    tag,
    summary: 'End my other sessions, or all of them',
    status: 202,
    body: api.ownEndRequest,
    answer: api.endAnswer,
    run: ({ ctx, body }) => endOwnSessions(ctx, body.scope),
  }),
  route({
    method: 'get',
    path: '/v1/me/orders/{id}',
    enter,
    tag,
    summary: 'What became of a logoff of mine, door by door',
    answer: api.order,
    run: ({ ctx, params }) => readOwnOrder(ctx, params.id ?? ''),
  }),
];
