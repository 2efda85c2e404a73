import { factorsOfAccount } from '../../actions/account-factors.ts';
import { beginPasskeyLogin } from '../../actions/begin-passkey-login.ts';
import { removeFactors } from '../../actions/remove-factors.ts';
import * as shapes from '../../protocol/factors.ts';
import { passkeyLoginRequest } from '../../protocol/login.ts';
import { route } from '../route.ts';

const enter = 'caller';

export const factorRoutes = [
  route({
    method: 'post',
    path: '/v1/authenticate/passkey/options',
    enter,
    tag: 'Authentication',
    summary: 'Begin a login by a passkey alone; it is redeemed as a challenge',
    body: passkeyLoginRequest,
    answer: shapes.passkeyCeremony,
    run: ({ ctx, body }) => beginPasskeyLogin(ctx, body),
  }),
  route({
    method: 'get',
    path: '/v1/accounts/{id}/factors',
    enter,
    tag: 'Accounts',
    summary: 'The second factors of an account',
    answer: shapes.factors,
    run: ({ ctx, params }) => factorsOfAccount(ctx, params.id ?? ''),
  }),
  route({
    method: 'post',
    path: '/v1/accounts/{id}/factors/remove',
    enter,
    tag: 'Accounts',
    summary: 'Take second factors away that a customer has lost; not within a day of a password set for him',
    body: shapes.factorsRemoval,
    answer: shapes.factorsRemoved,
    run: ({ ctx, params, body }) => removeFactors(ctx, params.id ?? '', body),
  }),
];
