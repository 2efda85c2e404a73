import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { endSessions } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';

/** `DELETE /v1/session`: the customer logs off here. Doing it twice is no mistake. */
export async function logoff(ctx: Ctx): Promise<Outcome<undefined>> {
  if (ctx.principal.kind !== 'session') return refuse('not_authenticated');
  const { id, accountId } = ctx.principal.session;
  await ctx.act(async (tx) => {
    const ended = await endSessions(tx, [id], { at: ctx.now, reason: 'logoff' });
    if (ended.length === 0) return unchanged(undefined);
    const event = { kind: 'session.ended', accountId, sessionId: id, detail: { reason: 'logoff' } } as const;
    return { value: undefined, events: [event] };
  });
  return done(undefined);
}
