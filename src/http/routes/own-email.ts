import { askForEmail } from '../../actions/email-change.ts';
import * as shapes from '../../protocol/recovery.ts';
import { route } from '../route.ts';

export const ownEmailRoutes = [
  route({
    method: 'put',
    path: '/v1/me/email',
    enter: 'customer',
    tag: 'Own access',
    summary: 'Have my mail sent elsewhere, once that address is confirmed',
    status: 202,
    body: shapes.emailChange,
    answer: shapes.emailAsked,
    run: ({ ctx, body }) => askForEmail(ctx, body.email),
  }),
];
