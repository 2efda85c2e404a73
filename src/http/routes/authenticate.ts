import { authenticate } from '../../actions/authenticate.ts';
import { redeemChallenge } from '../../actions/redeem-challenge.ts';
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
  route({
    method: 'post',
    path: '/v1/authenticate/challenge',
    enter: 'caller',
    tag: 'Authentication',
    summary: 'Judge the second factor of a login; yes and no are both 200',
    body: api.redeemRequest,
    answer: api.authenticateAnswer,
    run: ({ ctx, body }) => redeemChallenge(ctx, body),
  }),
];
