/** The customer changes a password, and looks at what one would be worth. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { SessionFacts } from '../domain/session.ts';
import type { PasswordChange, PasswordChanged, PasswordWorth } from '../protocol/recovery.ts';
import { accountById } from '../store/accounts.ts';
import { factorsOf, hasSecondFactor } from '../store/factors.ts';
import { keepSession } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';
import { notFresh } from './steps/fresh.ts';
import { newSecret, putSecret, secretEvents, worthOf } from './steps/new-secret.ts';
import { aboutMe, fromHere, stillMe } from './steps/own-change.ts';
import { provePassword } from './steps/prove-password.ts';
import { tellOwner } from './steps/tell-owner.ts';

/**
 * `POST /v1/me/password` (contract section 9): of the login that this session was opened with. The current password is
 * booked and judged like a login, so that a stolen session is no oracle; where there is a second factor, it must have
 * been shown lately. Every session of that login ends, this one too unless it is to be kept (ASVS 5.0 6.2.3, 7.4.3).
 */
export async function changePassword(ctx: Ctx, input: PasswordChange): Promise<Outcome<PasswordChanged>> {
  if (ctx.principal.kind !== 'session') return refuse('not_allowed');
  const { session } = ctx.principal;
  const stale = await staleFactor(ctx, session);
  if (stale) return stale;
  const proof = await provePassword(ctx, session, input.current_password);
  if (!proof.right) return proof.unjudged ?? (await wrongPassword(ctx, session));
  const account = await accountById(ctx.read, session.accountId);
  if (account === undefined) return refuse('not_authenticated');
  const { store, login } = session;
  const made = await newSecret(ctx, input.new_password, { account, login }, 'new_password');
  if (!made.ok) {
    await ctx.touch((tx) => proof.stands(tx));
    return made;
  }
  return ctx.act<Outcome<PasswordChanged>>(async (tx) => {
    const me = await stillMe(tx, ctx, session);
    if ('refusal' in me) return unchanged(me);
    if (!(await proof.stands(tx))) return unchanged(refuse('not_authenticated'));
    if (input.keep_this_session) await keepSession(tx, session.id);
    const put = await putSecret(tx, ctx, { accountId: account.id, store, login }, made.value);
    if (put === undefined) return unchanged(refuse('not_found'));
    const notice = { kind: 'password_changed', login, store, by: 'owner' } as const;
    await tellOwner(tx, ctx, account.id, { ...notice, ...fromHere(session) });
    const events = secretEvents('credential.set', put.row, made.value);
    const value = {
      store,
      login,
      updated_at: ctx.now.toISOString(),
      session_kept: input.keep_this_session,
    };
    return { value: done(value), events: events.map((event) => ({ ...event, ...aboutMe(me) })) };
  });
}

async function staleFactor(ctx: Ctx, session: SessionFacts) {
  const factors = await factorsOf(ctx.read, session.accountId);
  return hasSecondFactor(factors) ? notFresh(ctx, 'factor') : undefined;
}

async function wrongPassword(ctx: Ctx, session: SessionFacts): Promise<Outcome<never>> {
  const { accountId, id: sessionId, store, login } = session;
  const detail = { store, login, reason: 'wrong_password', at: 'change of password' };
  await ctx.act(async () => ({
    value: undefined,
    events: [{ kind: 'login.refused', accountId, sessionId, detail }],
  }));
  const message = 'This is not the current password.';
  return refuse('proof_rejected', {
    detail: message,
    errors: [{ path: 'current_password', message }],
  });
}

/** `POST /v1/me/password/check`: what a password would be worth, for whoever is choosing one. Nothing is kept. */
export async function lookAtPassword(ctx: Ctx, password: string): Promise<Outcome<PasswordWorth>> {
  if (ctx.principal.kind !== 'session') return refuse('not_allowed');
  const { accountId, login } = ctx.principal.session;
  const account = await accountById(ctx.read, accountId);
  if (account === undefined) return refuse('not_authenticated');
  const { faults, score } = await worthOf(ctx, password, { account, login });
  return done({ acceptable: faults.length === 0, reasons: [...faults], score: score ?? null });
}
