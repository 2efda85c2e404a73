import { announceContact, checkContact } from '../../actions/contacts.ts';
import { scanMail, scanText } from '../../actions/scan-message.ts';
import { limits } from '../../protocol/mail/limits.ts';
import * as api from '../../protocol/messages.ts';
import { route } from '../route.ts';

const tag = 'Password requests';

export const messageRoutes = [
  route({
    method: 'post',
    path: '/v1/messages/scan',
    enter: 'caller',
    tag,
    summary: 'Does a message ask for a password, and did anybody ask for the message?',
    query: api.scanQuery,
    body: api.scanRequest,
    stream: ['message/rfc822'],
    limit: limits.bytes,
    answer: api.scanAnswer,
    run: ({ ctx, query, body, bytes, declaredBytes }) =>
      body === undefined ? scanMail(ctx, bytes, declaredBytes, query) : scanText(ctx, body),
  }),
  route({
    method: 'post',
    path: '/v1/contacts',
    enter: 'caller',
    tag,
    summary: 'Announce a call or message to a customer; its code is shown this once',
    status: 201,
    body: api.contactRequest,
    answer: api.contactMade,
    run: ({ ctx, body }) => announceContact(ctx, body),
  }),
  route({
    method: 'get',
    path: '/v1/me/contacts/{code}',
    enter: 'customer',
    tag,
    summary: 'Is this call or message from us? By the code that was given in it',
    answer: api.ownContact,
    run: ({ ctx, params }) => checkContact(ctx, params.code ?? ''),
  }),
];
