import { flagsListed, readFlag } from '../../actions/flags.ts';
import { resolveFlag } from '../../actions/resolve-flag.ts';
import * as api from '../../protocol/flags.ts';
import { route } from '../route.ts';

const tag = 'Flags';
const enter = 'caller';

export const flagRoutes = [
  route({
    method: 'get',
    path: '/v1/flags',
    enter,
    tag,
    summary: 'Flags, newest first; for a client those of messages',
    query: api.flagQuery,
    answer: api.flagList,
    run: ({ ctx, query }) => flagsListed(ctx, query),
  }),
  route({
    method: 'get',
    path: '/v1/flags/{id}',
    enter,
    tag,
    summary: 'A flag with its evidence, its history, its messages, and what is in force because of it',
    answer: api.flagDetail,
    run: ({ ctx, params }) => readFlag(ctx, params.id ?? ''),
  }),
  route({
    method: 'post',
    path: '/v1/flags/{id}/resolve',
    enter,
    tag,
    summary: 'Confirm or dismiss a flag, once',
    body: api.flagResolution,
    answer: api.flag,
    run: ({ ctx, params, body }) => resolveFlag(ctx, params.id ?? '', body),
  }),
];
