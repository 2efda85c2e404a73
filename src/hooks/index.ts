/** The hooks' shelf, and what every question goes through: whose key, body, decision; a fault shuts the door. */
import type { Context } from 'hono';
import { enter, type House } from '../actions/context.ts';
import { isOutage, isUnstorable } from '../actions/readiness.ts';
import { type TrustedProxies, trustedProxies } from '../domain/proxies.ts';
import { log } from '../log.ts';
import { callerOf } from './caller.ts';
import { dovecot } from './dovecot.ts';
import { forwardAuth } from './forward-auth.ts';
import type { Hook, HookAnswer, HookCall } from './hook.ts';
import { nginxMail } from './nginx-mail.ts';
import { hookPaths } from './paths.ts';
import { radius } from './radius.ts';
import { readBody } from './read-body.ts';
import { sftpgo } from './sftpgo.ts';

export const hooks: readonly Hook[] = [...forwardAuth, ...nginxMail, ...dovecot, ...sftpgo, ...radius];

/** What the listener tells of the connection. */
interface Connection {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

export interface HooksOptions {
  readonly house: House;
  /** Addresses and CIDR ranges whose `X-Forwarded-*` counts. */
  readonly proxies: readonly string[];
}

/** The hooks as a door of the street side: where they are, and what `/openapi.json` says of them. */
export function createHooks({ house, proxies }: HooksOptions) {
  const trusted = trustedProxies(proxies);
  return {
    paths: hookPaths(hooks),
    mount: (
      on: (method: string, path: string, run: (c: Context, id: string) => Promise<Response>) => void,
    ) => {
      for (const each of hooks) {
        const run = async (c: Context, id: string) => respond(await answer(c, house, each, trusted, id), id);
        on(each.method.toUpperCase(), each.path, run);
      }
    },
  };
}

async function answer(
  c: Context,
  house: House,
  hook: Hook,
  proxies: TrustedProxies,
  id: string,
): Promise<HookAnswer> {
  try {
    const where = {
      header: (name: string) => c.req.header(name),
      query: (name: string) => c.req.query(name),
    };
    const caller = await callerOf(house, where, hook.keyIn);
    if (!caller.ok) return hook.shut('no_key');
    const body = await readBody(c.req.raw, hook);
    if (!body.ok) return hook.shut('unreadable');
    const peer = (c.env as Connection | undefined)?.incoming?.socket?.remoteAddress;
    const call: HookCall = { ...where, ctx: enter(house, caller.value, id), body: body.value, peer, proxies };
    return await hook.run(call);
  } catch (error) {
    if (isUnstorable(error)) return hook.shut('unreadable');
    // Of the request nothing is told but its number: its URL and headers hold keys and passwords.
    log.error(
      { err: error, request_id: id },
      isOutage(error) ? 'no decision for a hook' : 'a fault in a hook',
    );
    return hook.shut('unavailable');
  }
}

function respond({ status, headers = {}, body }: HookAnswer, id: string): Response {
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  const sent = new Headers({
    'x-request-id': id,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(body === undefined ? {} : { 'content-type': type }),
    ...(status === 503 ? { 'retry-after': '1' } : {}),
    ...headers,
  });
  return new Response(typeof body === 'object' ? JSON.stringify(body) : (body ?? null), {
    status,
    headers: sent,
  });
}
