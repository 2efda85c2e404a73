import { changeStatus, createAccount, findAccount, readAccount } from '../../actions/accounts.ts';
import { explainLogin } from '../../actions/explain.ts';
import * as api from '../../protocol/api.ts';
import { route } from '../route.ts';

const tag = 'Accounts';
const enter = 'caller';
const answer = api.account;
const id = (params: Readonly<Record<string, string>>) => params.id ?? '';

export const accountRoutes = [
  route({
    method: 'post',
    path: '/v1/accounts',
    enter,
    tag,
    summary: 'Make an account',
    status: 201,
    body: api.newAccount,
    answer,
    run: ({ ctx, body }) => createAccount(ctx, body),
  }),
  route({
    method: 'get',
    path: '/v1/accounts',
    enter,
    tag,
    summary: 'Find an account by its login',
    query: api.accountQuery,
    answer: api.accountList,
    run: ({ ctx, query }) => findAccount(ctx, query.login),
  }),
  route({
    method: 'get',
    path: '/v1/accounts/{id}',
    enter,
    tag,
    summary: 'Read an account',
    answer,
    run: ({ ctx, params }) => readAccount(ctx, id(params)),
  }),
  route({
    method: 'post',
    path: '/v1/accounts/{id}/suspend',
    enter,
    tag,
    summary: 'Shut an account: new logins only, or live sessions too',
    body: api.suspension,
    answer,
    run: ({ ctx, params, body }) => changeStatus(ctx, id(params), { to: 'suspended', ...body }),
  }),
  route({
    method: 'post',
    path: '/v1/accounts/{id}/resume',
    enter,
    tag,
    summary: 'Open a suspended account again',
    answer,
    run: ({ ctx, params }) => changeStatus(ctx, id(params), { to: 'active' }),
  }),
  route({
    method: 'post',
    path: '/v1/accounts/{id}/close',
    enter,
    tag,
    summary: 'Close an account for good',
    body: api.because,
    answer,
    run: ({ ctx, params, body }) => changeStatus(ctx, id(params), { to: 'closed', ...body }),
  }),
  route({
    method: 'post',
    path: '/v1/accounts/{id}/explain',
    enter,
    tag,
    summary: 'Why a login would be refused or allowed now',
    body: api.explainRequest,
    answer: api.explanation,
    run: ({ ctx, params, body }) => explainLogin(ctx, id(params), body),
  }),
];
