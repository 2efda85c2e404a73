/** The one place where outcomes become responses: JSON, problem details (RFC 9457), and the headers of every answer. */
import { type Refusal, refusals } from '../domain/refusal.ts';

/** Sent with everything. Set in the response's own init: adding a header to a finished response costs four times as much. */
function headers(requestId: string, type: string): Record<string, string> {
  return {
    'content-type': type,
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}

export function json(
  value: unknown,
  requestId: string,
  status = 200,
  more?: Readonly<Record<string, string>>,
): Response {
  const fixed = headers(requestId, 'application/json; charset=utf-8');
  const all = more === undefined ? fixed : { ...fixed, ...more };
  return new Response(JSON.stringify(value), { status, headers: all });
}

export function text(body: string, type: string, requestId: string): Response {
  return new Response(body, { headers: headers(requestId, type) });
}

export function empty(requestId: string, more: readonly (readonly [string, string])[] = []): Response {
  const all = new Headers(headers(requestId, 'application/json'));
  all.delete('content-type');
  for (const [name, value] of more) all.append(name, value);
  return new Response(null, { status: 204, headers: all });
}

/** A refusal as problem details. Its text is written for the caller; internal reasons never come this far. */
export function problem(refusal: Refusal, requestId: string): Response {
  const { status, title } = refusals[refusal.refused];
  const body = {
    type: `https://gatehouse.invalid/problems/${refusal.refused}`,
    title,
    status,
    code: refusal.refused,
    ...(refusal.detail === undefined ? {} : { detail: refusal.detail }),
    request_id: requestId,
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
  };
  const all = headers(requestId, 'application/problem+json');
  const wait = refusal.retryAfterSeconds ?? (status === 503 || status === 429 ? 1 : undefined);
  if (wait !== undefined) all['retry-after'] = String(wait);
  if (status === 401) all['www-authenticate'] = 'Bearer';
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** A fault: the caller gets a number to quote, the log gets the rest. */
export function fault(requestId: string): Response {
  const body = {
    type: 'https://gatehouse.invalid/problems/fault',
    title: 'Something went wrong on our side',
    status: 500,
    code: 'fault',
    request_id: requestId,
  };
  return new Response(JSON.stringify(body), {
    status: 500,
    headers: headers(requestId, 'application/problem+json'),
  });
}
