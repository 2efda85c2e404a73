/** What a hook is: a question in the words of a foreign program, and our answer in the same. */
import type { z } from 'zod';
import type { Ctx } from '../actions/context.ts';
import type { TrustedProxies } from '../domain/proxies.ts';
import type { Refusal } from '../domain/refusal.ts';

export interface HookCall<Body = unknown> {
  /** As the client whose key came along. */
  readonly ctx: Ctx;
  readonly body: Body;
  header(name: string): string | undefined;
  query(name: string): string | undefined;
  /** The other end of the connection. */
  readonly peer: string | undefined;
  readonly proxies: TrustedProxies;
}

/** Headers by name; the values are ours or were made harmless. */
export interface HookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

/**
 * Why there is no decision, for whoever reads the daemon's log. Each caller has its own way of hearing that; none of
 * them may take it for a yes.
 */
export type NoDecision = 'no_key' | 'not_allowed' | 'unreadable' | 'busy' | 'unavailable';

export interface Hook {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly summary: string;
  /** Where the client key may be. A visitor's own `Authorization` comes along with forward-auth, so not there. */
  readonly keyIn: 'anywhere' | 'own header';
  readonly body: z.ZodType | undefined;
  /** bytes */
  readonly limit: number;
  readonly run: (call: HookCall) => Promise<HookAnswer>;
  readonly shut: (why: NoDecision) => HookAnswer;
}

/** A login fits many times over. */
const bodyLimit = 65_536;

/** Declares a hook; the handler sees what its schema made of the body. */
export function hook<B extends z.ZodType | undefined>(spec: {
  readonly method?: Hook['method'];
  readonly path: string;
  readonly summary: string;
  readonly keyIn?: Hook['keyIn'];
  readonly body?: B;
  readonly limit?: number;
  readonly run: (call: HookCall<B extends z.ZodType ? z.output<B> : undefined>) => Promise<HookAnswer>;
  readonly shut: Hook['shut'];
}): Hook {
  return {
    ...spec,
    method: spec.method ?? 'post',
    keyIn: spec.keyIn ?? 'anywhere',
    body: spec.body,
    limit: spec.limit ?? bodyLimit,
    run: (call) => spec.run(call as Parameters<typeof spec.run>[0]),
  };
}

/** What a refusal of an action means to a foreign program: it did not get a decision. */
export function noDecision({ refused }: Refusal): NoDecision {
  if (refused === 'busy') return 'busy';
  if (refused === 'unavailable') return 'unavailable';
  return refused === 'not_allowed' || refused === 'not_authenticated' ? 'not_allowed' : 'unreadable';
}

/** JSON, and how a program that only looks at the status hears of no decision. */
export const statusOf: Readonly<Record<NoDecision, number>> = {
  no_key: 401,
  not_allowed: 403,
  unreadable: 422,
  busy: 503,
  unavailable: 503,
};
