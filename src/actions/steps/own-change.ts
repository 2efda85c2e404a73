/**
 * A customer's change of his own way in. One transaction: the account's lock, the session looked at again, the change.
 * Whatever ended the session meanwhile, a thief's last request does not outrun it.
 */
import { type Outcome, type Refusal, refuse } from '../../domain/refusal.ts';
import { deathReason, type SessionFacts } from '../../domain/session.ts';
import { type AccountRow, lockAccount } from '../../store/accounts.ts';
import type { Tx } from '../../store/db.ts';
import { policyInForce } from '../../store/policy.ts';
import { keepSession, sessionById } from '../../store/sessions.ts';
import { type Ctx, unchanged, type Written } from '../context.ts';
import { notFresh } from './fresh.ts';

export interface Me {
  readonly session: SessionFacts;
  readonly account: AccountRow;
}

/**
 * The session of the account's owner: one of the control panel. A login of another store may be given to somebody
 * else, a web designer's FTP login say, who has no say in how the owner gets in.
 */
export function ownerSession(ctx: Ctx): Outcome<SessionFacts> {
  if (ctx.principal.kind !== 'session') return refuse('not_allowed');
  const { session } = ctx.principal;
  if (session.store === 'panel') return { ok: true, value: session };
  return refuse('not_allowed', { detail: 'Only a session of the control panel may do this.' });
}

/**
 * @param fresh what must have been shown lately (`steps/fresh`); `no` for what weakens nothing. The session that asks
 * outlives the change, the account's others are ended by it.
 */
export async function changeOwn<T>(
  ctx: Ctx,
  fresh: 'any' | 'factor' | 'no',
  work: (tx: Tx, me: Me) => Promise<Written<Outcome<T>>>,
): Promise<Outcome<T>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const stale = fresh === 'no' ? undefined : await notFresh(ctx, fresh);
  if (stale) return stale;
  return ctx.act<Outcome<T>>(async (tx) => {
    const me = await stillMe(tx, ctx, owner.value);
    if ('refusal' in me) return unchanged(me);
    await keepSession(tx, me.session.id);
    return work(tx, me);
  });
}

/** The owner's session and account as they stand under the account's lock. */
export async function stillMe(
  tx: Tx,
  ctx: Ctx,
  session: SessionFacts,
): Promise<Me | { ok: false; refusal: Refusal }> {
  const account = await lockAccount(tx, session.accountId);
  const [facts, { policy }] = await Promise.all([sessionById(tx, session.id), policyInForce(tx)]);
  if (account === undefined || facts === undefined) return refuse('not_authenticated');
  const lastSeenAt = Math.max(facts.lastSeenAt, session.lastSeenAt);
  const dead = deathReason({ ...facts, lastSeenAt }, policy, ctx.now.getTime());
  return dead === undefined ? { session: facts, account } : refuse('not_authenticated');
}

/** Whence it was done, for events and letters. */
export function fromHere(session: SessionFacts) {
  return {
    ...(session.sourceIp === null ? {} : { source: session.sourceIp }),
    ...(session.userAgent === null ? {} : { userAgent: session.userAgent }),
  };
}

export function aboutMe({ session, account }: Me) {
  const source = session.sourceIp === null ? {} : { source: session.sourceIp };
  return { accountId: account.id, sessionId: session.id, ...source };
}
