/** Grants: one store takes the password alone from one address for some hours, approved with a second factor. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import type { Grant, ListOf, NewGrant } from '../protocol/own-access.ts';
import { countGrants, type GrantRow, grantsOf, insertGrant, revokeGrant } from '../store/grants.ts';
import { type Ctx, unchanged } from './context.ts';
import { aboutMe, changeOwn, fromHere, ownerSession } from './steps/own-change.ts';
import { tellOwner } from './steps/tell-owner.ts';

export const mostGrants = 20;
const hourMs = 3_600_000;

function view(row: Pick<GrantRow, 'id' | 'store' | 'sourceIp' | 'createdAt' | 'expiresAt'>): Grant {
  const { id, store } = row;
  if (store === 'panel') throw new Error('the panel has no grants');
  const [created_at, expires_at] = [row.createdAt.toISOString(), row.expiresAt.toISOString()];
  return { id, store, source_ip: row.sourceIp, created_at, expires_at };
}

/**
 * `POST /v1/me/grants`: for programs that open many connections at once and cannot be asked. A second factor shown
 * within five minutes, always: this is what the doors will do without.
 */
export function makeGrant(ctx: Ctx, input: NewGrant): Promise<Outcome<Grant>> {
  const { world } = ctx.house;
  return changeOwn<Grant>(ctx, 'factor', async (tx, me) => {
    if ((await countGrants(tx, me.account.id, ctx.now)) >= mostGrants) {
      return unchanged(refuse('limit_reached', { detail: `An account has ${mostGrants} at the most.` }));
    }
    const expiresAt = new Date(ctx.now.getTime() + input.hours * hourMs);
    const row = {
      id: idFrom('grant', world.random(idBytes)),
      ...{ accountId: me.account.id, store: input.store, sourceIp: input.source_ip },
      ...{ sessionId: me.session.id, createdAt: ctx.now, expiresAt },
    };
    await insertGrant(tx, row);
    const notice = { kind: 'access_made', what: 'grant', store: input.store, expiresAt } as const;
    await tellOwner(tx, ctx, me.account.id, { ...notice, ...fromHere(me.session) });
    const made = view(row);
    return { value: done(made), events: [{ kind: 'grant.made', ...aboutMe(me), detail: made }] };
  });
}

/** `GET /v1/me/grants`: those in force. */
export async function listGrants(ctx: Ctx): Promise<Outcome<ListOf<Grant>>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const rows = await grantsOf(ctx.read, owner.value.accountId, ctx.now);
  return done({ items: rows.map(view), next_cursor: null });
}

/** `DELETE /v1/me/grants/{id}`: over from now on, and what it opened ends at this commit. */
export function revokeOwnGrant(ctx: Ctx, id: string): Promise<Outcome<undefined>> {
  return changeOwn<undefined>(ctx, 'no', async (tx, me) => {
    const row = await revokeGrant(tx, me.account.id, id, ctx.now);
    if (row === undefined) return unchanged(refuse('not_found'));
    const detail = { id, store: row.store, source_ip: row.sourceIp };
    return { value: done(undefined), events: [{ kind: 'grant.revoked', ...aboutMe(me), detail }] };
  });
}
