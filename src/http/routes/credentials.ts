import { removeCredential, setCredential } from '../../actions/credentials.ts';
import { refuse } from '../../domain/refusal.ts';
import * as api from '../../protocol/api.ts';
import { route } from '../route.ts';

const tag = 'Credentials';
const enter = 'caller';

export const credentialRoutes = [
  route({
    method: 'put',
    path: '/v1/accounts/{id}/credentials/{store}',
    enter,
    tag,
    summary: 'Set the secret of a login; what the old one opened ends',
    body: api.newCredential,
    answer: api.credential,
    run: ({ ctx, params, body }) => {
      const store = api.store.safeParse(params.store);
      return store.success ? setCredential(ctx, params.id ?? '', store.data, body) : refuse('not_found');
    },
  }),
  route({
    method: 'delete',
    path: '/v1/accounts/{id}/credentials/{store}/{login}',
    enter,
    tag,
    summary: 'Take a login away; what it opened ends',
    status: 204,
    run: ({ ctx, params }) => {
      const store = api.store.safeParse(params.store);
      if (!store.success) return refuse('not_found');
      return removeCredential(ctx, params.id ?? '', store.data, params.login ?? '');
    },
  }),
];
