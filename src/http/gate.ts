/** Who stands at the gate: the token from the header, or the browser's cookie, and whose it is. */
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { House, Principal } from '../actions/context.ts';
import { identify } from '../actions/identify.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { cookieNames } from '../protocol/cookie.ts';

const bearer = /^Bearer ([\x21-\x7e]{1,512})$/i;

export function bearerToken(c: Context): string | undefined {
  return bearer.exec(c.req.header('authorization') ?? '')?.[1];
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Only a site itself can set a `__Host-` cookie; the plain one could come from a neighbour's page or off the wire, and
 * put its owner into an attacker's session. So it counts on loopback alone, and not behind a proxy.
 */
function plainCookieCounts(c: Context): boolean {
  const forwarded = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded'];
  if (forwarded.some((name) => c.req.header(name) !== undefined)) return false;
  const url = `http://${c.req.header('host') ?? ''}`;
  return URL.canParse(url) && loopback.includes(new URL(url).hostname);
}

function cookieToken(c: Context): string | undefined {
  const [strict, plain] = cookieNames;
  return getCookie(c, strict) ?? (plainCookieCounts(c) ? getCookie(c, plain) : undefined);
}

/** Without a lifetime: it goes with the browser; the session's own clocks are the service's (contract section 2). */
export function sessionCookie(name: (typeof cookieNames)[number], token: string): string {
  const secure = name.startsWith('__Host-') ? ' Secure;' : '';
  return `${name}=${token}; Path=/;${secure} HttpOnly; SameSite=Strict`;
}

/** The cookie by which a request came in, if it came by one. */
export function cookieShown(c: Context): (typeof cookieNames)[number] | undefined {
  const [strict, plain] = cookieNames;
  if (bearerToken(c) !== undefined) return undefined;
  if (getCookie(c, strict) !== undefined) return strict;
  return cookieToken(c) === undefined ? undefined : plain;
}

const safeMethods = ['GET', 'HEAD'];

/**
 * A cookie comes along by itself, so that a foreign page could use it: whatever changes something must come from
 * our own pages (ASVS 5.0 3.5.1). Browsers say where from, in headers that pages cannot set.
 */
function fromElsewhere(c: Context): boolean {
  if (safeMethods.includes(c.req.method)) return false;
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin';
  const origin = c.req.header('origin');
  if (origin === undefined || !URL.canParse(origin)) return true;
  return new URL(origin).host !== c.req.header('host');
}

/** The principal behind a request, for routes that take one. */
export async function admitCaller(c: Context, house: House): Promise<Outcome<Principal>> {
  const token = bearerToken(c);
  if (token !== undefined) return identify(house, token);
  const cookie = cookieToken(c);
  if (cookie === undefined) return refuse('not_authenticated');
  if (fromElsewhere(c)) return refuse('not_allowed', { detail: 'This request comes from another site.' });
  const holder = await identify(house, cookie);
  return holder.ok && holder.value.kind === 'session' ? done(holder.value) : refuse('not_authenticated');
}
