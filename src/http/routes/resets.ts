import { confirmReset } from '../../actions/confirm-reset.ts';
import { denyReset } from '../../actions/deny-reset.ts';
import { confirmEmail } from '../../actions/email-change.ts';
import { requestReset } from '../../actions/request-reset.ts';
import { secureAccount } from '../../actions/secure-account.ts';
import * as shapes from '../../protocol/recovery.ts';
import { route } from '../route.ts';

const tag = 'Recovery';
const enter = 'caller';
const method = 'post';

export const resetRoutes = [
  route({
    method,
    path: '/v1/password-resets',
    enter,
    tag,
    summary: 'Ask for a mailed link to a new password; the answer is the same for every name',
    status: 202,
    body: shapes.resetRequest,
    answer: shapes.resetAsked,
    run: ({ ctx, body }) => requestReset(ctx, body),
  }),
  route({
    method,
    path: '/v1/password-resets/confirm',
    enter,
    tag,
    summary: 'Set a new password with the mailed token; every session of the account ends',
    body: shapes.resetConfirmation,
    answer: shapes.resetDone,
    run: ({ ctx, body }) => confirmReset(ctx, body),
  }),
  route({
    method,
    path: '/v1/password-resets/deny',
    enter,
    tag,
    summary: '"This was not me": cancel the reset, and tell the host',
    body: shapes.linkShown,
    answer: shapes.resetDenied,
    run: ({ ctx, body }) => denyReset(ctx, body),
  }),
  route({
    method,
    path: '/v1/account-security',
    enter,
    tag,
    summary: 'End all sessions and have a reset mailed, with the token of a notice',
    body: shapes.linkShown,
    answer: shapes.accountSecured,
    run: ({ ctx, body }) => secureAccount(ctx, body),
  }),
  route({
    method,
    path: '/v1/email-confirmations',
    enter,
    tag,
    summary: 'Confirm a new mail address with the mailed token',
    body: shapes.linkShown,
    answer: shapes.emailConfirmed,
    run: ({ ctx, body }) => confirmEmail(ctx, body),
  }),
];
