/** An operator's word on a flag: once, and what follows from it. */
import type { AuditEvent } from '../domain/event.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { flagsResolved } from '../metrics.ts';
import type { Flag, FlagResolution } from '../protocol/flags.ts';
import type { Tx } from '../store/db.ts';
import { followedUpTo } from '../store/flag-detail.ts';
import { type FlagRow, flagById, resolveFlagRow } from '../store/flags.ts';
import { operatorEmail } from '../store/principals.ts';
import { type Ctx, unchanged } from './context.ts';
import { flagView } from './steps/flag-view.ts';
import { mayNot } from './steps/may.ts';
import { noteOnFlag } from './steps/raise-flag.ts';

/** `POST /v1/flags/{id}/resolve` */
export async function resolveFlag(
  ctx: Ctx,
  id: string,
  { state, note }: FlagResolution,
): Promise<Outcome<Flag>> {
  const no = mayNot(ctx, { roles: ['admin', 'support'] });
  if (no) return no;
  const resolved = await ctx.act<Outcome<FlagRow>>(async (tx) => {
    const said = { state, note, resolvedAt: ctx.now, resolvedBy: ctx.actor.id };
    const row = await resolveFlagRow(tx, id, said);
    if (row === undefined) {
      const there = await flagById(tx, id);
      return unchanged(refuse(there === undefined ? 'not_found' : 'flag_resolved'));
    }
    if (await notHis(tx, ctx, row)) return unchanged(refuse('not_allowed', { detail: notHisToSay }));
    await noteOnFlag(tx, ctx, id, state, { note });
    const event: AuditEvent = {
      kind: 'flag.resolved',
      ...(row.accountId === null ? {} : { accountId: row.accountId }),
      // The note stays with the flag: it may quote what the flag is about.
      detail: { flag: id, kind: row.kind, state },
    };
    // What a pattern led to is in force already: a dismissal ends it (store/account-effects), else its time does. What
    // follows from a confirmed message may be for many, whose logins are not to wait for it (actions/follow-flags).
    if (state === 'confirmed' && row.kind === 'message') await followedUpTo(tx, id, '');
    return { value: done(row), events: [event] };
  });
  if (!resolved.ok) return resolved;
  flagsResolved.inc({ kind: resolved.value.kind, state });
  return done(flagView(ctx, resolved.value));
}

const notHisToSay = 'A flag about the staff is resolved by an administrator whom it does not name.';

/** Whoever asked a customer for a password must not put the flag about it away. */
async function notHis(tx: Tx, { principal }: Ctx, { kind, evidence }: FlagRow): Promise<boolean> {
  if (kind !== 'staff_request' || principal.kind !== 'operator') return false;
  const { id, login, role } = principal.operator;
  const { by } = evidence as { readonly by?: unknown };
  const named = typeof by === 'string' ? by.toLowerCase() : '';
  const names = [id.toLowerCase(), login.toLowerCase(), (await operatorEmail(tx, id))?.toLowerCase()];
  return role !== 'admin' || names.includes(named) || names.includes(named.split('@')[0]);
}
