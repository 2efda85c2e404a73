/** What a web proxy asks before each request, and what it puts on it: nginx `auth_request`, Caddy, Traefik. */
import { z } from 'zod';
import { store } from './fields.ts';

/** In the URL that the proxy calls. */
export const forwardAuthQuery = z.object({
  /** Whose sessions open the panel behind the proxy. */
  store: store.default('panel'),
  /** `no`: pages that ask by themselves keep nobody logged in. */
  touch: z.enum(['yes', 'no']).default('yes'),
});

/** On a 200: who it is. Always all of them, so that a proxy which copies them overwrites what the client sent. */
export const identityHeaders = [
  'x-gatehouse-account',
  'x-gatehouse-login',
  'x-gatehouse-session',
  'x-gatehouse-profile',
] as const;

/** On a 401: where to send a browser. */
export const redirectHeader = 'x-gatehouse-redirect';

/** A value that cannot be more than one header's: what a login may be goes as it is, all else is percent-encoded. */
export function headerValue(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'))
    .replaceAll('%40', '@')
    .replaceAll('%2B', '+');
}
