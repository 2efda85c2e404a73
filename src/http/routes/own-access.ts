import { addSshKey, listSshKeys, removeSshKey } from '../../actions/account-ssh-keys.ts';
import { listAppPasswords, makeAppPassword, revokeOwnAppPassword } from '../../actions/own-app-passwords.ts';
import { listGrants, makeGrant, revokeOwnGrant } from '../../actions/own-grants.ts';
import { addOwnSshKey, listOwnSshKeys, revokeOwnSshKey } from '../../actions/own-ssh-keys.ts';
import * as access from '../../protocol/own-access.ts';
import { route } from '../route.ts';

const own = { enter: 'customer', tag: 'Own access' } as const;
const staff = { enter: 'caller', tag: 'SSH keys' } as const;
const id = (params: Readonly<Record<string, string>>) => params.id ?? '';

export const ownAccessRoutes = [
  route({
    ...{ ...own, method: 'post', path: '/v1/me/app-passwords', status: 201 },
    summary: 'Make an app password: shown once, for one program at one store',
    body: access.newAppPassword,
    answer: access.madeAppPassword,
    run: ({ ctx, body }) => makeAppPassword(ctx, body),
  }),
  route({
    ...{ ...own, method: 'get', path: '/v1/me/app-passwords' },
    summary: 'My app passwords, without the passwords',
    answer: access.appPasswordList,
    run: ({ ctx }) => listAppPasswords(ctx),
  }),
  route({
    ...{ ...own, method: 'delete', path: '/v1/me/app-passwords/{id}', status: 204 },
    summary: 'Revoke an app password; what it opened ends',
    run: ({ ctx, params }) => revokeOwnAppPassword(ctx, id(params)),
  }),
  route({
    ...{ ...own, method: 'post', path: '/v1/me/grants', status: 201 },
    summary: 'Let a store take the password alone from one address for some hours',
    body: access.newGrant,
    answer: access.grant,
    run: ({ ctx, body }) => makeGrant(ctx, body),
  }),
  route({
    ...{ ...own, method: 'get', path: '/v1/me/grants' },
    summary: 'My grants in force',
    answer: access.grantList,
    run: ({ ctx }) => listGrants(ctx),
  }),
  route({
    ...{ ...own, method: 'delete', path: '/v1/me/grants/{id}', status: 204 },
    summary: 'Take a grant back; what it opened ends',
    run: ({ ctx, params }) => revokeOwnGrant(ctx, id(params)),
  }),
  route({
    ...{ ...own, method: 'post', path: '/v1/me/ssh-keys', status: 201 },
    summary: 'Add a public key for SSH',
    body: access.newSshKey,
    answer: access.sshKey,
    run: ({ ctx, body }) => addOwnSshKey(ctx, body),
  }),
  route({
    ...{ ...own, method: 'get', path: '/v1/me/ssh-keys' },
    summary: 'My public keys',
    answer: access.sshKeyList,
    run: ({ ctx }) => listOwnSshKeys(ctx),
  }),
  route({
    ...{ ...own, method: 'delete', path: '/v1/me/ssh-keys/{id}', status: 204 },
    summary: 'Revoke a public key; what it opened ends',
    run: ({ ctx, params }) => revokeOwnSshKey(ctx, id(params)),
  }),
  route({
    ...{ ...staff, method: 'post', path: '/v1/accounts/{id}/ssh-keys', status: 201 },
    summary: 'Add a public key to an account; its owner is told',
    body: access.newSshKey,
    answer: access.sshKey,
    run: ({ ctx, params, body }) => addSshKey(ctx, id(params), body),
  }),
  route({
    ...{ ...staff, method: 'get', path: '/v1/accounts/{id}/ssh-keys' },
    summary: 'The public keys of an account',
    answer: access.sshKeyList,
    run: ({ ctx, params }) => listSshKeys(ctx, id(params)),
  }),
  route({
    ...{ ...staff, method: 'delete', path: '/v1/accounts/{id}/ssh-keys/{key}', status: 204 },
    summary: 'Revoke a public key of an account; what it opened ends',
    run: ({ ctx, params }) => removeSshKey(ctx, id(params), params.key ?? ''),
  }),
];
