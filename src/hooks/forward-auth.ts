/**
 * `/hooks/forward-auth`: a web proxy asks before each request. Nothing but 200, 401 and 403 is ever answered: nginx
 * makes an error of its own of anything else, and Caddy and Traefik would hand it to the browser.
 */
import { admitVisitor, type Visitor } from '../actions/admit-visitor.ts';
import { returnTo } from '../domain/return-to.ts';
import { cookieNames } from '../protocol/cookie.ts';
import { forwardAuthQuery, headerValue, redirectHeader } from '../protocol/forward-auth.ts';
import { type HookAnswer, type HookCall, hook, type NoDecision } from './hook.ts';

const bearer = /^Bearer (ghs_[\x21-\x7e]{1,512})$/i;

function cookieNamed(name: string, header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Only a site itself can set a `__Host-` cookie; the plain one counts where we are on loopback ourselves. */
function cookieOf({ ctx, header }: HookCall): string | undefined {
  const [strict, plain] = cookieNames;
  const { protocol, hostname } = new URL(ctx.house.origin);
  const loopback = protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  const cookies = header('cookie');
  return cookieNamed(strict, cookies) ?? (loopback ? cookieNamed(plain, cookies) : undefined);
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/**
 * A cookie comes along by itself: a page of a neighbouring site, whose requests count as same-site, could post with it.
 * A proxy that does not tell the method might be asking about anything.
 */
function fromElsewhere({ header }: HookCall): boolean {
  const method = header('x-forwarded-method') ?? header('x-original-method') ?? '';
  if (safeMethods.includes(method)) return false;
  const site = header('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin';
  const origin = header('origin');
  if (origin === undefined || !URL.canParse(origin)) return true;
  return new URL(origin).host !== (header('x-forwarded-host') ?? header('host'));
}

/** The login page, and back to where the visitor wanted to go if that is one of our own pages. */
function loginPage({ ctx, header, peer, proxies }: HookCall): string {
  const page = new URL('/login', ctx.house.origin);
  if (!proxies.includes(peer)) return page.href;
  const host = header('x-forwarded-host');
  const uri = header('x-forwarded-uri') ?? header('x-original-uri') ?? '/';
  const asked = host === undefined ? undefined : `${header('x-forwarded-proto') ?? 'https'}://${host}${uri}`;
  const back = returnTo(asked, [ctx.house.origin, ...ctx.house.passkeys.origins]);
  if (back !== undefined) page.searchParams.set('return_to', back);
  return page.href;
}

function welcome({ accountId, login, sessionId, profile }: Visitor): HookAnswer {
  return {
    status: 200,
    headers: {
      'x-gatehouse-account': headerValue(accountId),
      'x-gatehouse-login': headerValue(login),
      'x-gatehouse-session': headerValue(sessionId),
      'x-gatehouse-profile': headerValue(profile),
    },
  };
}

const denied = (why: NoDecision | 'another_site'): HookAnswer => ({
  status: 403,
  headers: { 'x-gatehouse-reason': why },
  body: 'Not now.\n',
});

async function visit(call: HookCall): Promise<HookAnswer> {
  const asked = forwardAuthQuery.safeParse({ store: call.query('store'), touch: call.query('touch') });
  if (!asked.success) return denied('unreadable');
  const shown = bearer.exec(call.header('authorization') ?? '')?.[1];
  const token = shown ?? cookieOf(call);
  if (shown === undefined && token !== undefined && fromElsewhere(call)) return denied('another_site');
  const { store, touch } = asked.data;
  const admitted = await admitVisitor(call.ctx, { token, store, touch: touch === 'yes' });
  if (!admitted.ok) return denied('not_allowed');
  if (!('no' in admitted.value)) return welcome(admitted.value);
  const headers = { 'www-authenticate': 'Bearer', [redirectHeader]: loginPage(call) };
  return { status: 401, headers, body: 'Log in first.\n' };
}

export const forwardAuth = [
  hook({
    method: 'get',
    path: '/hooks/forward-auth',
    summary: 'A web proxy asks before each request: 200 with who it is, 401, or 403',
    keyIn: 'own header',
    run: visit,
    // Never a 401: browsers would be sent to log in, and back here, for ever.
    shut: denied,
  }),
];
