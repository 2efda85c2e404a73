import { changePassword, lookAtPassword } from '../../actions/change-password.ts';
import * as shapes from '../../protocol/recovery.ts';
import { route } from '../route.ts';

const tag = 'Own access';
const enter = 'customer';

export const ownPasswordRoutes = [
  route({
    method: 'post',
    path: '/v1/me/password',
    enter,
    tag,
    summary: 'Change my password; what it opened ends',
    body: shapes.passwordChange,
    answer: shapes.passwordChanged,
    run: ({ ctx, body }) => changePassword(ctx, body),
  }),
  route({
    method: 'post',
    path: '/v1/me/password/check',
    enter,
    tag,
    summary: 'What a password would be worth; nothing is kept',
    body: shapes.passwordLook,
    answer: shapes.passwordWorth,
    run: ({ ctx, body }) => lookAtPassword(ctx, body.password),
  }),
];
