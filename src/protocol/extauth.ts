/**
 * How Pure-FTPd asks who a login is (`-lextauth:`, README.Authentication-Modules): one connection a login, lines
 * `key:value` that end with `end`, answered by lines of the same kind. Values are not escaped, and none can hold a line
 * feed: a request that looks as if one did is no request.
 */
import { z } from 'zod';

/** Bytes of a whole request; Pure-FTPd 1.0.50 sends at most 4095. */
export const maxExtauthBytes = 4096;

const shape = z.object({
  account: z.string().min(1).max(255),
  password: z.string().max(1024),
  /** Numeric addresses and ports: of this host, and of the client. */
  localhost: z.union([z.ipv4(), z.ipv6()]),
  localport: z.string().regex(/^\d{1,5}$/),
  peer: z.union([z.ipv4(), z.ipv6()]),
  /** Older releases do not say it. */
  encrypted: z.enum(['0', '1']).optional(),
});
export type ExtauthRequest = z.infer<typeof shape>;

/** Whether the bytes gathered so far end as a request does. */
export const isExtauthEnd = (text: string) => text.endsWith('\nend\n');

/** Reads one request from its bytes as latin1; undefined for anything that is not exactly one. */
export function parseExtauth(bytes: string): ExtauthRequest | undefined {
  const text = utf8(bytes);
  if (text === undefined || !isExtauthEnd(text)) return undefined;
  const fields = new Map<string, string>();
  for (const line of text.slice(0, -'end\n'.length).split('\n').slice(0, -1)) {
    const colon = line.indexOf(':');
    // Twice the same key, or `end` before the end: somebody smuggled a line in.
    if (colon < 1 || fields.has(line.slice(0, colon))) return undefined;
    fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const read = shape.safeParse(Object.fromEntries(fields));
  return read.success ? read.data : undefined;
}

function utf8(bytes: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}

/** A known user who may not come in: unlike `0`, or silence, it keeps Pure-FTPd from asking its next backend. */
export const extauthDenied = 'auth_ok:-1\nend\n';

/** Lets a login in as that user, shut into its home (`/./`). `home`: an absolute path without a line feed. */
export function extauthAllowed({ uid, gid, home }: { uid: number; gid: number; home: string }): string {
  return `auth_ok:1\nuid:${uid}\ngid:${gid}\ndir:${home}/./\nend\n`;
}
