/** Which host a hook speaks for: the one its key is bound to, the one it names, or its own name. */
import { done, type Outcome, refuse } from '../../domain/refusal.ts';
import { hostName } from '../../protocol/fields.ts';
import type { Ctx } from '../context.ts';
import { boundElsewhere, boundHost } from './may.ts';

export function doorHost(ctx: Ctx, said: string | undefined): Outcome<string> {
  const bound = boundHost(ctx);
  const named = said ?? bound ?? (ctx.principal.kind === 'client' ? ctx.principal.client.name : '');
  const elsewhere = boundElsewhere(ctx, named);
  if (elsewhere) return elsewhere;
  if (hostName.safeParse(named).success) return done(named);
  return refuse('invalid_field', { errors: [{ path: 'host', message: 'is no host name' }] });
}
