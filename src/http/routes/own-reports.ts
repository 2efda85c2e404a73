import { listOwnReports, reportMessage } from '../../actions/own-reports.ts';
import { page } from '../../protocol/api.ts';
import * as api from '../../protocol/reports.ts';
import { route } from '../route.ts';

const tag = 'Password requests';
const enter = 'customer';

export const ownReportRoutes = [
  route({
    method: 'post',
    path: '/v1/me/reports',
    enter,
    tag,
    summary: 'Somebody asked me for something: is that a request for a password, and what do I do now?',
    status: 201,
    body: api.newReport,
    limit: api.reportLimit,
    answer: api.reportMade,
    run: ({ ctx, body }) => reportMessage(ctx, body),
  }),
  route({
    method: 'get',
    path: '/v1/me/reports',
    enter,
    tag,
    summary: 'What I reported, newest first, and what the staff says of it',
    query: page,
    answer: api.ownReports,
    run: ({ ctx, query }) => listOwnReports(ctx, query),
  }),
];
