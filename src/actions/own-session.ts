import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { Session } from '../protocol/api.ts';
import type { Ctx } from './context.ts';
import { sessionView } from './steps/session-view.ts';

/** `GET /v1/session`: the session whose token was shown. */
export function ownSession(ctx: Ctx): Outcome<{ session: Session; account: { id: string; login: string } }> {
  if (ctx.principal.kind !== 'session') return refuse('not_authenticated');
  const { session, policy } = ctx.principal;
  return done({
    session: sessionView(session, policy, ctx.now.getTime()),
    account: { id: session.accountId, login: session.accountLogin },
  });
}
