/**
 * A mailed link brings its token in the address. The first answer takes it out of there, into a cookie of half an hour,
 * so that it stays in no history and no bookmark; the page then puts it into its form. Nothing is spent by that.
 */
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

/** Strict would not come along when the link is opened from a mail in the browser; Lax does, and never on a POST. */
const kept = { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 1800 } as const;

const tokenShape = /^[A-Za-z0-9_-]{43}$/;

export interface CarriedToken {
  /** The token, from the cookie. */
  read(c: Context): string | undefined;
  /** For a request with `?token=`: the answer that takes it out of the address. */
  takeOut(c: Context): Response | undefined;
  clear(c: Context): void;
}

/** @param secure whether browsers know us by https: the cookie is then bound to this host and to TLS. */
export function carriedToken(path: string, secure: boolean): CarriedToken {
  const name = `${secure ? '__Host-' : ''}gatehouse-${path.slice(1)}`;
  return {
    read: (c) => {
      const token = getCookie(c, name);
      return token !== undefined && tokenShape.test(token) ? token : undefined;
    },
    takeOut: (c) => {
      const token = c.req.query('token');
      if (token === undefined) return undefined;
      if (tokenShape.test(token)) setCookie(c, name, token, { ...kept, secure });
      // A path of ours, never one that the request names.
      c.header('cache-control', 'no-store');
      c.header('referrer-policy', 'no-referrer');
      return c.redirect(path, 303);
    },
    clear: (c) => {
      deleteCookie(c, name, { path: '/', secure });
    },
  };
}
