import { ownFactors } from '../../actions/account-factors.ts';
import { beginReauthentication } from '../../actions/begin-reauthentication.ts';
import {
  addOwnPasskey,
  beginOwnPasskey,
  ownPasskeys,
  removeOwnPasskey,
  renameOwnPasskey,
} from '../../actions/own-passkeys.ts';
import { renewRecoveryCodes } from '../../actions/own-recovery-codes.ts';
import { confirmOwnTotp, offerOwnTotp, removeOwnTotp } from '../../actions/own-totp.ts';
import { reauthenticate } from '../../actions/reauthenticate.ts';
import * as shapes from '../../protocol/factors.ts';
import { route } from '../route.ts';

const tag = 'Own second factors';
const enter = 'customer';

export const ownFactorRoutes = [
  route({
    method: 'post',
    path: '/v1/me/reauthenticate',
    enter,
    tag,
    summary: 'Show again who you are: for five minutes, what weakens the account may be done',
    body: shapes.reauthentication,
    answer: shapes.reauthenticated,
    renewsToken: true,
    run: ({ ctx, body }) => reauthenticate(ctx, body),
  }),
  route({
    method: 'post',
    path: '/v1/me/reauthenticate/passkey/options',
    enter,
    tag,
    summary: 'What the browser is to be asked, to show a passkey again',
    answer: shapes.passkeyCeremony,
    run: ({ ctx }) => beginReauthentication(ctx),
  }),
  route({
    method: 'get',
    path: '/v1/me/factors',
    enter,
    tag,
    summary: 'My second factors',
    answer: shapes.factors,
    run: ({ ctx }) => ownFactors(ctx),
  }),
  route({
    method: 'post',
    path: '/v1/me/totp',
    enter,
    tag,
    summary: 'A new code generator, shown once; it counts when it is confirmed',
    answer: shapes.totpOffer,
    run: ({ ctx }) => offerOwnTotp(ctx),
  }),
  route({
    method: 'post',
    path: '/v1/me/totp/confirm',
    enter,
    tag,
    summary: 'Confirm the new generator by a code of it',
    body: shapes.totpConfirmation,
    answer: shapes.newRecoveryCodes,
    run: ({ ctx, body }) => confirmOwnTotp(ctx, body.code),
  }),
  route({
    method: 'delete',
    path: '/v1/me/totp',
    enter,
    tag,
    summary: 'Take the code generator away',
    status: 204,
    run: ({ ctx }) => removeOwnTotp(ctx),
  }),
  route({
    method: 'post',
    path: '/v1/me/recovery-codes',
    enter,
    tag,
    summary: 'New recovery codes; the old ones are worthless',
    answer: shapes.newRecoveryCodes,
    run: ({ ctx }) => renewRecoveryCodes(ctx),
  }),
  route({
    method: 'post',
    path: '/v1/me/passkeys/options',
    enter,
    tag,
    summary: 'What the browser is to be asked, to make a passkey',
    answer: shapes.passkeyCeremony,
    run: ({ ctx }) => beginOwnPasskey(ctx),
  }),
  route({
    method: 'post',
    path: '/v1/me/passkeys',
    enter,
    tag,
    summary: 'Register the passkey that the browser made',
    status: 201,
    body: shapes.newPasskey,
    answer: shapes.passkeyMade,
    run: ({ ctx, body }) => addOwnPasskey(ctx, body),
  }),
  route({
    method: 'get',
    path: '/v1/me/passkeys',
    enter,
    tag,
    summary: 'My passkeys',
    answer: shapes.passkeyList,
    run: ({ ctx }) => ownPasskeys(ctx),
  }),
  route({
    method: 'patch',
    path: '/v1/me/passkeys/{id}',
    enter,
    tag,
    summary: 'Give a passkey another label',
    body: shapes.passkeyName,
    answer: shapes.passkey,
    run: ({ ctx, params, body }) => renameOwnPasskey(ctx, params.id ?? '', body.label),
  }),
  route({
    method: 'delete',
    path: '/v1/me/passkeys/{id}',
    enter,
    tag,
    summary: 'Take a passkey away',
    status: 204,
    run: ({ ctx, params }) => removeOwnPasskey(ctx, params.id ?? ''),
  }),
];
