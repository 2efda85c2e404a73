/** Accounts: made, found, shut and opened again. */
import { canonicalLogin, isReserved, reservedSentence } from '../domain/login.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import type { Account, NewAccount } from '../protocol/api.ts';
import {
  type AccountRow,
  accountById,
  accountByLogin,
  insertAccount,
  lockAccount,
  setAccountStatus,
} from '../store/accounts.ts';
import { type CredentialRow, credentialsOf, holdName, isAnothers } from '../store/credentials.ts';
import type { Tx } from '../store/db.ts';
import { endMatched, insertOrder } from '../store/orders.ts';
import { type Ctx, unchanged } from './context.ts';
import { mayNot } from './steps/may.ts';

const staff = { scopes: ['accounts'], roles: ['admin', 'support'] } as const;
const readers = { scopes: ['accounts'], roles: ['admin', 'support', 'auditor'] } as const;

function accountView(row: AccountRow, credentials?: readonly CredentialRow[]): Account {
  const { unixUid: uid, unixGid: gid, unixHome: home } = row;
  return {
    id: row.id,
    login: row.login,
    email: row.email,
    status: row.status,
    suspend_level: row.suspendLevel,
    unix: uid === null || gid === null || home === null ? null : { uid, gid, home, shell: row.unixShell },
    ...(credentials === undefined
      ? {}
      : {
          credentials: credentials.map((each) => ({
            store: each.store,
            login: each.login,
            scheme: each.scheme,
            updated_at: each.updatedAt.toISOString(),
          })),
        }),
    created_at: row.createdAt.toISOString(),
  };
}

/** `POST /v1/accounts` */
export async function createAccount(ctx: Ctx, input: NewAccount): Promise<Outcome<Account>> {
  const no = mayNot(ctx, staff);
  if (no) return no;
  const id = idFrom('account', ctx.house.world.random(idBytes));
  if (isReserved(input.login)) return refuse('login_taken', { detail: reservedSentence });
  return ctx.act<Outcome<Account>>(async (tx) => {
    await holdName(tx, input.login);
    if (await isAnothers(tx, input.login, id)) return unchanged(refuse('login_taken'));
    const row = await insertAccount(tx, {
      id,
      login: input.login,
      email: input.email ?? null,
      unixUid: input.unix?.uid ?? null,
      unixGid: input.unix?.gid ?? null,
      unixHome: input.unix?.home ?? null,
      unixShell: input.unix?.shell ?? null,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    });
    if (row === undefined) return unchanged(refuse('login_taken'));
    const event = { kind: 'account.created', accountId: id, detail: { login: input.login } } as const;
    return { value: done(accountView(row)), events: [event] };
  });
}

/** `GET /v1/accounts/{id}` */
export async function readAccount(ctx: Ctx, id: string): Promise<Outcome<Account>> {
  const no = mayNot(ctx, readers);
  if (no) return no;
  const row = await accountById(ctx.read, id);
  return row === undefined ? refuse('not_found') : done(accountView(row, await credentialsOf(ctx.read, id)));
}

/** `GET /v1/accounts?login=` */
export async function findAccount(
  ctx: Ctx,
  login: string,
): Promise<Outcome<{ items: Account[]; next_cursor: null }>> {
  const no = mayNot(ctx, readers);
  if (no) return no;
  const row = await accountByLogin(ctx.read, canonicalLogin(login));
  const items = row === undefined ? [] : [accountView(row, await credentialsOf(ctx.read, row.id))];
  return done({ items, next_cursor: null });
}

type Change =
  | { readonly to: 'suspended'; readonly level: 'all' | 'logins'; readonly reason: string }
  | { readonly to: 'active' }
  | { readonly to: 'closed'; readonly reason: string };

const kinds = {
  suspended: 'account.suspended',
  active: 'account.resumed',
  closed: 'account.closed',
} as const;

/**
 * `POST /v1/accounts/{id}/suspend`, `…/resume`, `…/close`. Shutting an account ends its live sessions (unless only
 * logins are meant); the database bumps every epoch in the same transaction, as it does on any other path.
 */
export async function changeStatus(ctx: Ctx, id: string, change: Change): Promise<Outcome<Account>> {
  const no = mayNot(ctx, staff);
  if (no) return no;
  return ctx.act<Outcome<Account>>(async (tx) => {
    const row = await lockAccount(tx, id);
    if (row === undefined) return unchanged(refuse('not_found'));
    if (row.status === 'closed') return unchanged(refuse('account_closed'));
    const reason = 'reason' in change ? change.reason : null;
    const ends = change.to === 'closed' || (change.to === 'suspended' && change.level === 'all');
    const order = ends ? await endAll(tx, ctx, id, reason ?? change.to) : undefined;
    const next = await setAccountStatus(tx, id, {
      status: change.to,
      suspendLevel: change.to === 'suspended' ? change.level : null,
      statusReason: reason,
      updatedAt: ctx.now,
    });
    const detail = { reason, ...(change.to === 'suspended' ? { level: change.level } : {}) };
    const events = [
      { kind: kinds[change.to], accountId: id, ...(order === undefined ? {} : { orderId: order }), detail },
    ];
    return { value: done(accountView(next ?? row)), events };
  });
}

async function endAll(tx: Tx, ctx: Ctx, id: string, reason: string): Promise<string> {
  const orderId = idFrom('order', ctx.house.world.random(idBytes));
  const requestedBy = `${ctx.actor.kind}:${ctx.actor.id}`;
  const selector = { account_id: id };
  await insertOrder(tx, { id: orderId, selector, reason, requestedBy, createdAt: ctx.now, tidied: true });
  await endMatched(tx, orderId, selector, ctx.now, 'account_suspended');
  return orderId;
}
