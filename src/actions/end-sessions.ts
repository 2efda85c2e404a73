/** Log off: one order, in force at its commit. Every door then proves its part, or says that it could not. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { type BroadSelector, isNarrow, type NarrowSelector, type Selector } from '../domain/selector.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import type { EndAnswer, EndRequest } from '../protocol/api.ts';
import { accountById, accountByLogin, lockAccount } from '../store/accounts.ts';
import { loginNamed } from '../store/credentials.ts';
import type { Tx } from '../store/db.ts';
import {
  countMatched,
  endMatched,
  insertCutoff,
  insertOrder,
  type Matched,
  sampleMatched,
} from '../store/orders.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import { mayNot } from './steps/may.ts';
import { sessionView } from './steps/session-view.ts';
import { tidyDoors } from './steps/tidy-doors.ts';

/**
 * `POST /v1/sessions/end` (contract section 6). From its answer on, no matched session passes a check on any node;
 * the processes of hosts are ended by their agents. A dry run counts and changes nothing.
 */
export async function endSessions(ctx: Ctx, input: EndRequest): Promise<Outcome<EndAnswer>> {
  const no = mayNot(ctx, { scopes: ['sessions'], roles: ['admin', 'support'] });
  if (no) return no;
  const { reason } = input;
  const select: Selector = input.select;
  if ('account_id' in select && (await accountById(ctx.read, select.account_id)) === undefined) {
    return refuse('not_found', { detail: 'There is no such account.' });
  }
  if (input.dry_run) return done(await answer(ctx, select, null));
  return done(await (isNarrow(select) ? endRows(ctx, select, reason) : cutOff(ctx, select, reason)));
}

/** `POST /v1/me/sessions/end`: the customer's own, on every channel, with or without the one that asks. */
export async function endOwnSessions(ctx: Ctx, scope: 'others' | 'all'): Promise<Outcome<EndAnswer>> {
  if (ctx.principal.kind !== 'session') return refuse('not_allowed');
  const { accountId, id } = ctx.principal.session;
  const selector = { account_id: accountId, ...(scope === 'others' ? { except_id: id } : {}) };
  const whom = scope === 'others' ? 'all other sessions' : 'all sessions';
  return done(await endRows(ctx, selector, `the customer ended ${whom}`));
}

/** `DELETE /v1/me/sessions/{id}`: one of the customer's own, whatever its channel. */
export async function endOwnSession(ctx: Ctx, id: string): Promise<Outcome<EndAnswer>> {
  if (ctx.principal.kind !== 'session') return refuse('not_allowed');
  const selector = { ids: [id], owner_id: ctx.principal.session.accountId };
  const { policy } = await policyInForce(ctx.read);
  const found = await countMatched(ctx.read, selector, policy, ctx.now, null);
  if (total(found) === 0) return refuse('not_found');
  return done(await endRows(ctx, selector, 'the customer ended this session'));
}

const total = (matched: Matched) => Object.values(matched.byChannel).reduce((sum, count) => sum + count, 0);

function orderRow(ctx: Ctx, id: string, selector: Selector, reason: string, tidied: boolean) {
  const requestedBy = `${ctx.actor.kind}:${ctx.actor.id}`;
  return { id, selector, reason, requestedBy, createdAt: ctx.now, tidied };
}

/**
 * The accounts that a narrow selector is about, locked: an opening that is under way either commits first and is
 * ended here, or waits and then finds what was changed.
 */
async function lockOwners(tx: Tx, selector: NarrowSelector): Promise<void> {
  if ('account_id' in selector) await lockAccount(tx, selector.account_id);
  if (!('login' in selector)) return;
  const named = await loginNamed(tx, selector.store, selector.login);
  const owner = named?.account ?? (await accountByLogin(tx, selector.login));
  if (owner !== undefined) await lockAccount(tx, owner.id);
}

async function endRows(ctx: Ctx, selector: NarrowSelector, reason: string): Promise<EndAnswer> {
  const id = idFrom('order', ctx.house.world.random(idBytes));
  const matched = await ctx.act(async (tx) => {
    await lockOwners(tx, selector);
    await insertOrder(tx, orderRow(ctx, id, selector, reason, true));
    const ended = await endMatched(tx, id, selector, ctx.now);
    const detail = { reason, select: selector, matched: total(ended), by_channel: ended.byChannel };
    const owner = ended.accountIds.length === 1 ? ended.accountIds[0] : undefined;
    const about = owner === undefined ? {} : { accountId: owner };
    return { value: ended, events: [{ kind: 'sessions.ended', ...about, orderId: id, detail }] };
  });
  return answer(ctx, selector, id, matched);
}

/** Takes effect at the commit, whatever the number of sessions; rows and counts come after. */
async function cutOff(ctx: Ctx, selector: BroadSelector, reason: string): Promise<EndAnswer> {
  const id = idFrom('order', ctx.house.world.random(idBytes));
  const cutoff = await ctx.act(async (tx) => {
    await insertOrder(tx, orderRow(ctx, id, selector, reason, false));
    const value = await insertCutoff(tx, id, selector, ctx.now);
    return { value, events: [{ kind: 'sessions.ended', orderId: id, detail: { reason, select: selector } }] };
  });
  await tidyDoors(ctx, cutoff);
  return answer(ctx, selector, id);
}

async function answer(ctx: Ctx, selector: Selector, id: string | null, known?: Matched): Promise<EndAnswer> {
  const { policy } = await policyInForce(ctx.read);
  const matched = known ?? (await countMatched(ctx.read, selector, policy, ctx.now, id));
  const sample = await sampleMatched(ctx.read, selector, id);
  const pending = id === null ? 0 : matched.doors;
  return {
    order: {
      id,
      state: pending === 0 ? 'done' : 'pending',
      matched: total(matched),
      ended: id === null ? 0 : total(matched) - pending,
      pending,
      by_channel: { ...matched.byChannel },
    },
    sample: sample.map((facts) => sessionView(facts, policy, ctx.now.getTime())),
  };
}
