/** What a route is: its place, who may enter, the schemas that parse and describe it, and the one action it calls. */
import type { z } from 'zod';
import type { Ctx } from '../actions/context.ts';
import type { Outcome } from '../domain/refusal.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
/** `caller`: a client or an operator. `customer`: a session's own token or cookie. */
export type Enter = 'caller' | 'customer';

export interface Call<Q, B> {
  readonly ctx: Ctx;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  /** What a route that takes a stream reads; empty for all others. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** How many these will be at the most, where the caller said so. */
  readonly declaredBytes: number | undefined;
}

export interface Route {
  readonly method: Method;
  /** With `{name}` for parameters, as OpenAPI writes them. */
  readonly path: string;
  readonly enter: Enter;
  readonly summary: string;
  readonly tag: string;
  readonly status: 200 | 201 | 202 | 204;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodType | undefined;
  readonly answer: z.ZodType | undefined;
  /** Headers of a good answer. */
  readonly headers: readonly (readonly [string, string])[];
  /** bytes */
  readonly limit: number | undefined;
  /** Content types of a body that is handed on as it comes; any other one is `body`, where there is one. */
  readonly stream: readonly string[] | undefined;
  /** The answer's `token` takes the place of the one that was shown. */
  readonly renewsToken: boolean;
  readonly run: (call: Call<unknown, unknown>) => Outcome<unknown> | Promise<Outcome<unknown>>;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** A route that takes both sees no parsed body where a stream came. */
type BodyOf<B, S> = S extends undefined ? Parsed<B> : Parsed<B> | undefined;

/** Declares a route; the handler sees what its schemas made of query and body. */
export function route<
  Q extends z.ZodObject | undefined,
  B extends z.ZodType | undefined,
  S extends readonly string[] | undefined = undefined,
>(spec: {
  readonly method: Method;
  readonly path: string;
  readonly enter: Enter;
  readonly summary: string;
  readonly tag: string;
  readonly status?: Route['status'];
  readonly query?: Q;
  readonly body?: B;
  readonly answer?: z.ZodType;
  readonly headers?: Route['headers'];
  readonly limit?: number;
  readonly stream?: S;
  readonly renewsToken?: boolean;
  readonly run: (call: Call<Parsed<Q>, BodyOf<B, S>>) => Outcome<unknown> | Promise<Outcome<unknown>>;
}): Route {
  return {
    ...spec,
    status: spec.status ?? 200,
    query: spec.query,
    body: spec.body,
    answer: spec.answer,
    headers: spec.headers ?? [],
    limit: spec.limit,
    stream: spec.stream,
    renewsToken: spec.renewsToken ?? false,
    run: (call) => spec.run(call as Call<Parsed<Q>, BodyOf<B, S>>),
  };
}
