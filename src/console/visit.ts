/** A form that was sent to one of our public pages: read within limits, only from our own pages, and from where. */
import type { Context } from 'hono';
import { type Ctx, enter, type House } from '../actions/context.ts';
import { clientAddress, type TrustedProxies } from '../domain/proxies.ts';

const formLimit = 16_384;

export function visitor(house: House, requestId: string): Ctx {
  return enter(house, { kind: 'visitor' }, requestId);
}

/**
 * Whether a foreign page sent this. What the form holds is the right to do it, so a browser that says nothing may pass;
 * `Origin: null` is what browsers say of our own forms, which send no referrer.
 */
function fromElsewhere(c: Context, origin: string): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin';
  const said = c.req.header('origin');
  return said !== undefined && said !== 'null' && said !== origin;
}

/** What the listener tells of the connection. */
interface Connection {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

/** Where the visitor is, for the record and the owner's letters: as the connection says, or a trusted proxy. */
export function sourceOf(c: Context, proxies: TrustedProxies): { readonly source_ip?: string } {
  const peer = (c.env as Connection | undefined)?.incoming?.socket?.remoteAddress;
  const source = clientAddress(peer, c.req.header('x-forwarded-for'), proxies);
  return source === undefined ? {} : { source_ip: source };
}

export type Form = ReadonlyMap<string, string>;

/** The fields of a form; or why it is not taken. */
export async function formOf(c: Context, house: House): Promise<Form | 'foreign' | 'too_large'> {
  if (fromElsewhere(c, house.origin)) return 'foreign';
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return 'foreign';
  const body = c.req.raw.body;
  const parts: Uint8Array[] = [];
  let size = 0;
  if (body !== null) {
    for await (const part of body) {
      size += part.length;
      if (size > formLimit) return 'too_large';
      parts.push(part);
    }
  }
  return new Map(new URLSearchParams(Buffer.concat(parts).toString('utf8')));
}
