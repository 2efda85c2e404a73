/** Where a browser may be sent back to after a login: pages of our own, and nobody else's (ASVS 5.0 3.7.2, 10.4.1). */

const longest = 2000;

/**
 * The address to go back to, in the one spelling that browsers make of it; undefined for anything that does not lie
 * under one of `origins`. A path alone is taken as one of the first of them. Backslashes, control characters and
 * user parts are what open redirects are made of: browsers and parsers disagree about them.
 */
export function returnTo(text: string | undefined, origins: readonly string[]): string | undefined {
  const [home] = origins;
  if (text === undefined || home === undefined || text.length > longest) return undefined;
  if (/[\\\p{Cc}\p{Zs}\p{Surrogate}]/u.test(text) || !/^(https?:\/\/|\/(?!\/))/i.test(text)) return undefined;
  if (!URL.canParse(text, home)) return undefined;
  const url = new URL(text, home);
  const bare = url.username === '' && url.password === '';
  return bare && origins.includes(url.origin) ? url.href : undefined;
}
