/** Who may: the first line of every action. Deny is the default. */
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { ClientScope, Role } from '../../protocol/api.ts';
import type { Ctx } from '../context.ts';

export interface Allowed {
  readonly scopes?: readonly ClientScope[];
  readonly roles?: readonly Role[];
  /** Open to our own public pages too. */
  readonly visitors?: true;
}

/** A refusal when the one who asks may not; undefined when he may. The server's own shell may always. */
export function mayNot(ctx: Ctx, allowed: Allowed): { ok: false; refusal: Refusal } | undefined {
  const { principal } = ctx;
  if (principal.kind === 'console' || principal.kind === 'system') return undefined;
  if (principal.kind === 'visitor' && allowed.visitors === true) return undefined;
  if (
    principal.kind === 'client' &&
    allowed.scopes?.some((scope) => principal.client.scopes.includes(scope))
  ) {
    return undefined;
  }
  if (principal.kind === 'operator' && allowed.roles?.includes(principal.operator.role)) return undefined;
  return refuse('not_allowed');
}

/** The host that the caller's key is bound to, if it is. */
export function boundHost(ctx: Ctx): string | undefined {
  return ctx.principal.kind === 'client' ? (ctx.principal.client.host ?? undefined) : undefined;
}

/** A refusal when the caller's key is bound to another host than the one that it speaks for. */
export function boundElsewhere(ctx: Ctx, host: string): { ok: false; refusal: Refusal } | undefined {
  const bound = boundHost(ctx);
  const detail = `this key belongs to the host ${bound}`;
  return bound !== undefined && bound !== host ? refuse('not_allowed', { detail }) : undefined;
}
