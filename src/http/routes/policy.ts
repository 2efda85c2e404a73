import { changePolicy, readPolicy } from '../../actions/policy.ts';
import * as api from '../../protocol/api.ts';
import { route } from '../route.ts';

const tag = 'Policy';
const enter = 'caller';

export const policyRoutes = [
  route({
    method: 'get',
    path: '/v1/policy',
    enter,
    tag,
    summary: 'The policy in force',
    answer: api.policy,
    run: ({ ctx }) => readPolicy(ctx),
  }),
  route({
    method: 'patch',
    path: '/v1/policy',
    enter,
    tag,
    summary: 'Change the policy (JSON merge patch), in force at once on every node',
    body: api.policyPatch,
    answer: api.policy,
    run: ({ ctx, body }) => changePolicy(ctx, body),
  }),
];
