/** An operator's repeated POST is done once: its first answer is kept for a day. */
import type { Outcome } from '../domain/refusal.ts';
import { done, refuse } from '../domain/refusal.ts';
import { claimKey, type KeptAnswer, keepAnswer, releaseKey } from '../store/idempotency.ts';
import type { Ctx } from './context.ts';

export interface OnceOnly {
  readonly key: string;
  /** SHA-256 of method, path and body: the same key for another request is a mistake. */
  readonly requestHash: Buffer;
}

const conflicts = {
  different: 'This Idempotency-Key was used for another request.',
  'in progress': 'The first request with this Idempotency-Key is still being worked on.',
} as const;

/** The answer given before; `new` when this one is the first; a refusal when the key is misused. */
export async function claimOnce(ctx: Ctx, once: OnceOnly): Promise<Outcome<'new' | KeptAnswer>> {
  const claim = await ctx.touch((tx) => claimKey(tx, ctx.actor.id, once.key, once.requestHash, ctx.now));
  if (claim === 'different' || claim === 'in progress') {
    return refuse('idempotency_conflict', { detail: conflicts[claim] });
  }
  return done(claim === 'new' ? claim : { ...claim, body: opened(ctx, once, claim.body) });
}

/** An answer may hold a secret that is shown once: it is kept sealed. */
export async function keepOnce(ctx: Ctx, once: OnceOnly, answer: KeptAnswer): Promise<void> {
  const body = ctx.house.sealer.seal(aboutAnswer(ctx, once), Buffer.from(answer.body)).toString('base64');
  await ctx.touch((tx) => keepAnswer(tx, ctx.actor.id, once.key, { ...answer, body }));
}

const aboutAnswer = (ctx: Ctx, { key }: OnceOnly) => `answer:${ctx.actor.id}:${key}`;

/** Those of a release that did not seal them are plain, for their day. */
function opened(ctx: Ctx, once: OnceOnly, body: string): string {
  if (body.startsWith('{')) return body;
  return ctx.house.sealer.open(aboutAnswer(ctx, once), Buffer.from(body, 'base64')).toString();
}

/** A fault is no answer: the next try may do it. */
export async function releaseOnce(ctx: Ctx, once: OnceOnly): Promise<void> {
  await ctx.touch((tx) => releaseKey(tx, ctx.actor.id, once.key));
}
