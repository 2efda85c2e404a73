import { authenticate } from '../../actions/authenticate.ts';
import * as api from '../../protocol/api.ts';
import { route } from '../route.ts';

export const authenticateRoutes = [
  route({
    method: 'post',
    path: '/v1/authenticate',
    enter: 'caller',
    tag: 'Authentication',
    summary: 'Judge a login; yes and no are both 200',
    body: api.authenticateRequest,
    answer: api.authenticateAnswer,
    run: ({ ctx, body }) => authenticate(ctx, body),
  }),
];
