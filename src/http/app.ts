/** The list of doors on the street side, and what every request goes through. */
import { createHash } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { type Ctx, enter, type House, type Principal } from '../actions/context.ts';
import { mayReadOrders } from '../actions/host-orders.ts';
import { claimOnce, keepOnce, releaseOnce } from '../actions/idempotent.ts';
import { isOutage, isReady, isUnstorable } from '../actions/readiness.ts';
import type { Outcome } from '../domain/refusal.ts';
import { log } from '../log.ts';
import { registry } from '../metrics.ts';
import { empty, fault, json, problem, text } from './answer.ts';
import { bodyLimit, declaredBytes, isOfType, parse, readJson, streamOf } from './body.ts';
import { sessionCheck } from './check.ts';
import { admitCaller, cookieShown, sessionCookie } from './gate.ts';
import { describe, type OtherPaths } from './openapi.ts';
import type { OrderStreams } from './order-streams.ts';
import { requestIds } from './request-ids.ts';
import type { Route } from './route.ts';
import { routes } from './routes/index.ts';

/** Another room's paths on the same street. */
export interface OtherDoor {
  readonly paths: OtherPaths;
  mount(
    on: (method: string, path: string, run: (c: Context, requestId: string) => Promise<Response>) => void,
  ): void;
}

export interface AppOptions {
  readonly house: House;
  readonly streams: OrderStreams;
  readonly version: string;
  readonly doors?: readonly OtherDoor[];
}

type Bindings = { Bindings: HttpBindings };

export function createApp({ house, streams, version, doors = [] }: AppOptions): Hono<Bindings> {
  const app = new Hono<Bindings>();
  const requestId = requestIds(house.world);
  const document = describe(routes, version, Object.assign({}, ...doors.map((door) => door.paths)));

  app.post('/v1/sessions/check', sessionCheck(house, requestId));
  for (const route of routes) {
    app.on(route.method.toUpperCase(), honoPath(route.path), (c) => serve(c, house, route, requestId()));
  }
  for (const door of doors) {
    door.mount((method, path, run) => app.on(method, path, (c) => run(c, requestId())));
  }
  app.get('/v1/agent/orders', (c) => orderStream(c, house, streams, requestId()));
  app.get('/livez', () => json({ status: 'ok' }, requestId()));
  app.get('/readyz', async () => {
    const ready = await isReady(house);
    const status = ready.ready ? 200 : 503;
    return json(ready, requestId(), status, status === 503 ? { 'retry-after': '1' } : {});
  });
  app.get('/openapi.json', () => json(document, requestId()));
  app.get('/metrics', async (c) => {
    const id = requestId();
    const caller = await admitCaller(c, house);
    if (!caller.ok) return problem(caller.refusal, id);
    if (caller.value.kind !== 'operator') return problem({ refused: 'not_allowed' }, id);
    return text(await registry.metrics(), registry.contentType, id);
  });

  app.notFound(() => problem({ refused: 'not_found', detail: 'There is no such path.' }, requestId()));
  app.onError((error) => {
    const id = requestId();
    if (isOutage(error)) {
      log.error({ err: error, request_id: id }, 'no decision: the database does not answer');
      return problem({ refused: 'unavailable', detail: 'The database does not answer.' }, id);
    }
    if (isUnstorable(error)) {
      log.warn({ err: error, request_id: id }, 'a value that cannot be stored');
      return problem({ refused: 'invalid_field' }, id);
    }
    log.error({ err: error, request_id: id }, 'a fault');
    return fault(id);
  });
  return app;
}

const honoPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

function mayEnter(route: Route, principal: Principal): boolean {
  return route.enter === 'customer' ? principal.kind === 'session' : principal.kind !== 'session';
}

/** What every listed route goes through: who, query, body, once only, action, answer. */
async function serve(c: Context<Bindings>, house: House, route: Route, id: string): Promise<Response> {
  const caller = await admitCaller(c, house);
  if (!caller.ok) return problem(caller.refusal, id);
  if (!mayEnter(route, caller.value)) return problem({ refused: 'not_allowed' }, id);
  const ctx = enter(house, caller.value, id);
  const query = route.query === undefined ? undefined : parse(route.query, c.req.query());
  if (query?.ok === false) return problem(query.refusal, id);
  const body = await bodyOf(c, route);
  if (!body.ok) return problem(body.refusal, id);
  const run = async () => {
    const { parsed, bytes } = body.value;
    const call = {
      ctx,
      params: c.req.param(),
      query: query?.value,
      body: parsed,
      bytes,
      declaredBytes: declaredBytes(c),
    };
    return present(c, route, await route.run(call), id);
  };
  const key = c.req.header('idempotency-key');
  const repeatable = route.method === 'post' && caller.value.kind === 'operator' && key !== undefined;
  return repeatable ? onceOnly(c, ctx, key, body.value.raw, run) : run();
}

/** Of a route that takes large streams beside JSON. */
const jsonLimit = 4 * 1024 * 1024;

const noFields = z.strictObject({});

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function bodyOf(
  c: Context,
  route: Route,
): Promise<
  Outcome<{ readonly parsed: unknown; readonly raw: unknown; readonly bytes: AsyncIterable<Uint8Array> }>
> {
  if (route.stream !== undefined && (route.body === undefined || isOfType(c, route.stream))) {
    const bytes = streamOf(c, route.stream, route.limit ?? bodyLimit);
    if (!bytes.ok) return bytes;
    // Once only by what can be known before it is read.
    const raw = [c.req.query(), c.req.header('content-length')];
    return { ok: true, value: { parsed: undefined, raw, bytes: bytes.value } };
  }
  if (route.body === undefined && route.method !== 'post') {
    return { ok: true, value: { parsed: undefined, raw: null, bytes: nothing() } };
  }
  const raw = await readJson(c, Math.min(route.limit ?? bodyLimit, jsonLimit));
  if (!raw.ok) return raw;
  const parsed = parse(route.body ?? noFields, raw.value === undefined ? {} : raw.value);
  return parsed.ok ? { ok: true, value: { parsed: parsed.value, raw: raw.value, bytes: nothing() } } : parsed;
}

function present(c: Context, route: Route, outcome: Outcome<unknown>, id: string): Response {
  if (!outcome.ok) return problem(outcome.refusal, id);
  if (route.status === 204) return empty(id, route.headers);
  const cookie = route.renewsToken ? cookieShown(c) : undefined;
  const headers = Object.fromEntries(route.headers);
  if (cookie === undefined) return json(outcome.value, id, route.status, headers);
  // Who came by a cookie gets the new token as one, out of the reach of the page's scripts.
  const { token, ...rest } = outcome.value as { readonly token: string };
  return json(rest, id, route.status, { ...headers, 'set-cookie': sessionCookie(cookie, token) });
}

/** An operator's POST with an `Idempotency-Key` is done once; repeats get the first answer. */
async function onceOnly(
  c: Context,
  ctx: Ctx,
  key: string,
  raw: unknown,
  run: () => Promise<Response>,
): Promise<Response> {
  if (key.length > 255) {
    return problem({ refused: 'unparsable', detail: 'The Idempotency-Key is too long.' }, ctx.requestId);
  }
  const said = `${c.req.method} ${c.req.path} ${JSON.stringify(raw)}`;
  const once = { key, requestHash: createHash('sha256').update(said).digest() };
  const claim = await claimOnce(ctx, once);
  if (!claim.ok) return problem(claim.refusal, ctx.requestId);
  if (claim.value !== 'new') {
    const type = claim.value.status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json';
    const headers = { 'content-type': type, 'idempotent-replayed': 'true' };
    return json(JSON.parse(claim.value.body), ctx.requestId, claim.value.status, headers);
  }
  try {
    const response = await run();
    if (response.status >= 500) await releaseOnce(ctx, once);
    else await keepOnce(ctx, once, { status: response.status, body: await response.clone().text() });
    return response;
  } catch (error) {
    await releaseOnce(ctx, once);
    throw error;
  }
}

/** `GET /v1/agent/orders?host=`: server-sent events, written to the raw response. */
async function orderStream(
  c: Context<Bindings>,
  house: House,
  streams: OrderStreams,
  id: string,
): Promise<Response> {
  const caller = await admitCaller(c, house);
  if (!caller.ok) return problem(caller.refusal, id);
  const host = c.req.query('host') ?? '';
  const reader = mayReadOrders(enter(house, caller.value, id), host);
  if (!reader.ok) return problem(reader.refusal, id);
  const response = c.env.outgoing;
  if (!('socket' in response) || !('writeHead' in response)) return fault(id);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-request-id': id,
    'x-accel-buffering': 'no',
  });
  response.write(': welcome\n\n');
  streams.open(host, reader.value.clientId, response as Parameters<OrderStreams['open']>[2]);
  return RESPONSE_ALREADY_SENT;
}
