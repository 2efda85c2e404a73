/** `/openapi.json`, made from the very schemas that parse the requests. */
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import * as api from '../protocol/api.ts';
import type { Route } from './route.ts';

const failures = {
  '400': 'unparsable',
  '401': 'no token, or one that is no longer good',
  '403': 'lacks the scope or role',
  '404': 'not there, or not yours',
  '409': 'in conflict with what is there',
  '413': 'too large',
  '422': 'a field has a value that cannot be used',
  '503': 'no decision: a dependency is down or the hashing queue is full',
} as const;

const problems = Object.fromEntries(
  Object.entries(failures).map(([status, description]) => [
    status,
    { description, content: { 'application/problem+json': { schema: api.problem } } },
  ]),
);

function operation(
  route: Pick<
    Route,
    'path' | 'query' | 'body' | 'answer' | 'status' | 'summary' | 'tag' | 'enter' | 'method' | 'stream'
  >,
): ZodOpenApiOperationObject {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const type = route.method === 'patch' ? 'application/merge-patch+json' : 'application/json';
  const content =
    route.answer === undefined ? {} : { content: { 'application/json': { schema: route.answer } } };
  const bodies = {
    ...(route.body === undefined ? {} : { [type]: { schema: route.body } }),
    ...Object.fromEntries((route.stream ?? []).map((each) => [each, { schema: z.string() }])),
  };
  return {
    summary: route.summary,
    tags: [route.tag],
    security: route.enter === 'customer' ? [{ session: [] }, { cookie: [] }] : [{ key: [] }],
    requestParams: {
      ...(names.length === 0
        ? {}
        : { path: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
      ...(route.query === undefined ? {} : { query: route.query }),
    },
    ...(Object.keys(bodies).length === 0 ? {} : { requestBody: { required: true, content: bodies } }),
    responses: { [String(route.status)]: { description: route.summary, ...content }, ...problems },
  };
}

const checkRoute = {
  method: 'post',
  path: '/v1/sessions/check',
  enter: 'caller',
  tag: 'Sessions',
  summary: 'Does the session behind this token live?',
  status: 200,
  query: undefined,
  stream: undefined,
  body: api.checkRequest,
  answer: api.checkAnswer,
} as const;

/** Paths whose answers are no JSON of a schema: the stream, the probes, the figures. */
const plainPaths: ZodOpenApiPathsObject = {
  '/v1/agent/orders': {
    get: {
      summary:
        'The orders of a host, as server-sent events: what is pending, then `ready`, then as they happen',
      tags: ['Host agents'],
      security: [{ key: [] }],
      requestParams: { query: z.object({ host: z.string() }) },
      responses: {
        '200': { description: 'events: order, clocks, ready', content: { 'text/event-stream': {} } },
        ...problems,
      },
    },
  },
  '/livez': { get: probe('The process answers') },
  '/readyz': { get: probe('This node can decide: database and hash pool') },
  '/metrics': {
    get: {
      summary: 'Figures in Prometheus form, for an operator',
      tags: ['Around it'],
      security: [{ key: [] }],
      responses: { '200': { description: 'figures', content: { 'text/plain': {} } } },
    },
  },
};

function probe(summary: string): ZodOpenApiOperationObject {
  return { summary, tags: ['Around it'], security: [], responses: { '200': { description: summary } } };
}

/** Paths that another room answers. */
export type OtherPaths = ZodOpenApiPathsObject;

/** The OpenAPI 3.1 document of these routes and of other rooms' paths, as a plain object. */
export function describe(routes: readonly Route[], version: string, others: OtherPaths = {}): object {
  const paths: ZodOpenApiPathsObject = { ...plainPaths, ...others };
  for (const route of [checkRoute, ...routes]) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Gatehouse', version, description: 'Account security for web hosts. Contract version 1.' },
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'ghc_… (client key) or gho_… (operator token)' },
        session: { type: 'http', scheme: 'bearer', description: 'ghs_… (the session of a customer)' },
        cookie: { type: 'apiKey', in: 'cookie', name: '__Host-gatehouse' },
      },
    },
    paths,
  });
}
