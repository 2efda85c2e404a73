/** Reads what a daemon sent, within its limit. Foreign programs add fields as they grow: those are left aside. */
import type { Hook } from './hook.ts';

type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

async function textOf(request: Request, limit: number): Promise<string | undefined> {
  if (request.body === null) return '';
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body as ReadableStream<Uint8Array>) {
    size += part.length;
    if (size > limit) return undefined;
    parts.push(part);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
}

/** The body as the hook's schema makes it; whatever is too long, broken off or of another shape is not read. */
export async function readBody(request: Request, hook: Pick<Hook, 'body' | 'limit'>): Promise<Read> {
  if (hook.body === undefined) return { ok: true, value: undefined };
  try {
    const text = await textOf(request, hook.limit);
    if (text === undefined) return { ok: false };
    const parsed = hook.body.safeParse(JSON.parse(text));
    return parsed.success ? { ok: true, value: parsed.data } : { ok: false };
  } catch {
    return { ok: false };
  }
}
