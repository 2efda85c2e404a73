import { canonicalLogin } from '../domain/login.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import type { Session, SessionQuery } from '../protocol/api.ts';
import { policyInForce } from '../store/policy.ts';
import { listSessions, type SessionFilter } from '../store/sessions.ts';
import type { Ctx } from './context.ts';
import { cursorOf, placeOf } from './steps/cursor.ts';
import { mayNot } from './steps/may.ts';
import { sessionView } from './steps/session-view.ts';

export interface SessionPage {
  readonly items: Session[];
  readonly next_cursor: string | null;
}

/** Sessions, newest first. A customer sees his own, on every channel; the staff and clients see all. */
export async function sessionsListed(
  ctx: Ctx,
  query: Pick<SessionQuery, 'limit'> & Partial<SessionQuery>,
): Promise<Outcome<SessionPage>> {
  const own = ctx.principal.kind === 'session' ? ctx.principal.session.accountId : undefined;
  const no =
    own === undefined && mayNot(ctx, { scopes: ['sessions'], roles: ['admin', 'support', 'auditor'] });
  if (no) return no;
  const place = placeOf(query.cursor);
  if (!place.ok) return place;
  const before = place.value;
  const wanted: Record<string, string | undefined> = {
    accountId: own ?? query.account_id,
    login: query.login === undefined ? undefined : canonicalLogin(query.login),
    store: query.store,
    channel: query.channel,
    host: query.host,
    sourceIp: query.source_ip,
  };
  const filter: SessionFilter = {
    ...Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
    ...(query.live === undefined ? {} : { live: query.live === 'true' }),
  };
  const { policy } = await policyInForce(ctx.read);
  const page = { limit: query.limit + 1, ...(before === undefined ? {} : { before }) };
  const found = await listSessions(ctx.read, filter, page, policy, ctx.now);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return done({
    items: items.map((facts) => sessionView(facts, policy, ctx.now.getTime())),
    next_cursor: found.length > query.limit && last !== undefined ? cursorOf(last.seq) : null,
  });
}
