import { agentSelf, listAgents } from '../../actions/agents.ts';
import { authorizedKey } from '../../actions/authorized-keys.ts';
import { factorAfterKey } from '../../actions/factor-after-key.ts';
import { greetAgent } from '../../actions/greet-agent.ts';
import { judgeAccount } from '../../actions/judge-account.ts';
import { lookAtDoor } from '../../actions/look-at-door.ts';
import { openHostSession } from '../../actions/open-host-session.ts';
import { takeReports } from '../../actions/take-reports.ts';
import * as link from '../../protocol/agent.ts';
import { route } from '../route.ts';

const tag = 'Host agents';
const enter = 'caller';
/** A full report: 1,000 entries of each kind. */
const reportBytes = 2_000_000;

export const agentRoutes = [
  route({
    method: 'get',
    path: '/v1/agents',
    enter,
    tag,
    summary: 'The hosts with an agent: release, last contact, sessions',
    answer: link.agentList,
    run: ({ ctx }) => listAgents(ctx),
  }),
  route({
    method: 'get',
    path: '/v1/agent/self',
    enter,
    tag,
    summary: 'What the service makes of the key that asks, for one host',
    query: link.selfQuery,
    answer: link.selfAnswer,
    run: ({ ctx, query }) => agentSelf(ctx, query),
  }),
  route({
    method: 'post',
    path: '/v1/agent/hello',
    enter,
    tag,
    summary: 'An agent connects: what both sides believe to be live',
    body: link.helloRequest,
    answer: link.helloAnswer,
    limit: 8_000_000,
    run: ({ ctx, body }) => greetAgent(ctx, body),
  }),
  route({
    method: 'post',
    path: '/v1/agent/door',
    enter,
    tag,
    summary: 'Is this door open to somebody from there, whoever he is?',
    body: link.doorRequest,
    answer: link.doorAnswer,
    run: ({ ctx, body }) => lookAtDoor(ctx, body),
  }),
  route({
    method: 'post',
    path: '/v1/agent/account',
    enter,
    tag,
    summary: 'May this login come in by this door now, however it was proved?',
    body: link.accountRequest,
    answer: link.accountAnswer,
    run: ({ ctx, body }) => judgeAccount(ctx, body),
  }),
  route({
    method: 'post',
    path: '/v1/agent/factor',
    enter,
    tag,
    summary: 'sshd took a key of this login: its second factor is still owed',
    body: link.factorRequest,
    answer: link.factorAnswer,
    run: ({ ctx, body }) => factorAfterKey(ctx, body),
  }),
  route({
    method: 'post',
    path: '/v1/agent/ssh-keys',
    enter,
    tag,
    summary: 'May this login come in with the key of this fingerprint?',
    body: link.keyRequest,
    answer: link.keyAnswer,
    run: ({ ctx, body }) => authorizedKey(ctx, body),
  }),
  route({
    method: 'post',
    path: '/v1/agent/sessions',
    enter,
    tag,
    summary: 'Open a session that lives in a process of the host',
    body: link.openRequest,
    answer: link.openAnswer,
    run: ({ ctx, body }) => openHostSession(ctx, body),
  }),
  route({
    method: 'post',
    path: '/v1/agent/reports',
    enter,
    tag,
    summary: 'What was seen, what is gone, what became of orders',
    body: link.reportsRequest,
    answer: link.reportsAnswer,
    limit: reportBytes,
    run: ({ ctx, body }) => takeReports(ctx, body),
  }),
];
