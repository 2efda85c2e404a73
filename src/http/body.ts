/** Reads a request body within its limit, as JSON. Unknown fields, junk and floods get a clear answer. */
import type { Context } from 'hono';
import type { z } from 'zod';
import { BodyBroken } from '../domain/body-broken.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';

/** NIST-minded default for routes that carry secrets: a login fits many times over. */
export const bodyLimit = 16_384;

const tooLarge = (limit: number) => `At most ${limit} bytes are read.`;

const jsonType = /^application\/(json|merge-patch\+json)\b/i;

async function withinLimit(body: ReadableStream<Uint8Array>, limit: number): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > limit) return undefined;
    parts.push(part);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
}

/** The body as text; undefined when it is larger than `limit` bytes. A declared length is believed only to refuse. */
async function readText(c: Context, limit: number): Promise<string | undefined> {
  const declared = c.req.header('content-length');
  if (declared !== undefined) return Number(declared) > limit ? undefined : c.req.text();
  const { body } = c.req.raw;
  return body === null ? '' : withinLimit(body, limit);
}

/** The body as a JSON value; `undefined` for an empty one. */
export async function readJson(c: Context, limit: number): Promise<Outcome<unknown>> {
  let text: string | undefined;
  try {
    text = await readText(c, limit);
  } catch {
    return refuse('unparsable', { detail: 'The body broke off, or is not UTF-8.' });
  }
  if (text === undefined) return refuse('too_large', { detail: tooLarge(limit) });
  if (text === '') return done(undefined);
  if (!jsonType.test(c.req.header('content-type') ?? '')) {
    return refuse('unparsable', { detail: 'Send JSON, with content-type: application/json.' });
  }
  try {
    return done(JSON.parse(text));
  } catch {
    return refuse('unparsable', { detail: 'The body is not JSON.' });
  }
}

async function* pouring(body: ReadableStream<Uint8Array> | null, limit: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  const parts = body?.[Symbol.asyncIterator]();
  for (;;) {
    const next = await parts?.next().catch(() => {
      throw new BodyBroken({ refused: 'unparsable', detail: 'The body broke off.' });
    });
    if (next === undefined || next.done) return;
    size += next.value.length;
    if (size > limit) throw new BodyBroken({ refused: 'too_large', detail: tooLarge(limit) });
    yield next.value;
  }
}

/** Whether the body is said to be of one of these types, whatever their parameters. */
export function isOfType(c: Context, types: readonly string[]): boolean {
  return types.includes((c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '');
}

/** The body as it comes, for those who need not hold all of it. */
export function streamOf(
  c: Context,
  types: readonly string[],
  limit: number,
): Outcome<AsyncIterable<Uint8Array>> {
  if (!isOfType(c, types)) {
    return refuse('unparsable', { detail: `Send it with a content-type of ${types.join(', ')}.` });
  }
  if (Number(c.req.header('content-length') ?? 0) > limit) {
    return refuse('too_large', { detail: tooLarge(limit) });
  }
  return done(pouring(c.req.raw.body, limit));
}

/** Content-Length, where there is one; the server lets no more through than it says. */
export function declaredBytes(c: Context): number | undefined {
  const said = c.req.header('content-length');
  return said !== undefined && /^\d{1,15}$/.test(said) ? Number(said) : undefined;
}

type Issue = z.core.$ZodIssue;

function named(issue: Issue): { path: string; message: string }[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: 'is not a field of this request',
    }));
  }
  if (issue.code === 'invalid_union') {
    // The alternative that was meant is the one that it misses by least.
    const [nearest] = [...issue.errors].sort((a, b) => a.length - b.length);
    const below = nearest?.flatMap((each) => named({ ...each, path: [...issue.path, ...each.path] }));
    if (below !== undefined) return below;
  }
  return [{ path, message: issue.message }];
}

/** Parses with the schema that also describes the request in `/openapi.json`. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): Outcome<z.output<T>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return done(parsed.data);
  return refuse('invalid_field', { errors: parsed.error.issues.flatMap(named) });
}
