/** A proxy asks for a page of its panel: does the session behind the visitor's cookie or token live? */
import type { StoreName } from '../domain/channels/index.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { type CheckReason, deathReason } from '../domain/session.ts';
import { tokenHash, tokenKind } from '../domain/token.ts';
import { checks } from '../metrics.ts';
import type { Ctx } from './context.ts';
import { mayNot } from './steps/may.ts';
import { seenNow } from './steps/seen-now.ts';

export interface Visitor {
  readonly sessionId: string;
  readonly accountId: string;
  readonly login: string;
  readonly profile: string;
}

export interface Visit {
  readonly token: string | undefined;
  /** The store whose sessions open this panel: an FTP login's token is no panel login. */
  readonly store: StoreName;
  /** Whether the request counts as activity. */
  readonly touch: boolean;
}

/** The visitor, or why there is none. Asked anew for each request, so a logoff holds from the next one on. */
export async function admitVisitor(
  ctx: Ctx,
  { token, store, touch }: Visit,
): Promise<Outcome<Visitor | { readonly no: CheckReason }>> {
  const no = mayNot(ctx, { scopes: ['authenticate', 'sessions'] });
  if (no) return no;
  if (token === undefined || tokenKind(token) !== 'session') return done({ no: 'unknown' });
  const { house } = ctx;
  const { session, policy } = await house.checks.lookup(tokenHash(token).toString('hex'), undefined);
  checks.inc();
  if (session === undefined || session.store !== store) return done({ no: 'unknown' });
  const now = ctx.now.getTime();
  const facts = seenNow(house, session, policy, now, touch);
  const reason = deathReason(facts, policy, now);
  if (reason !== undefined) return done({ no: reason });
  const { id: sessionId, accountId, accountLogin: login, profile } = facts;
  return done({ sessionId, accountId, login, profile });
}
