/** Secrets of accounts, one login of a store at a time. A change ends what the old secret opened. */
import type { StoreName } from '../domain/channels/index.ts';
import { recogniseHash } from '../domain/hashes/index.ts';
import { canonicalLogin, isReserved, reservedSentence } from '../domain/login.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { Credential, NewCredential } from '../protocol/api.ts';
import { accountById, lockAccount } from '../store/accounts.ts';
import { type CredentialRow, deleteCredential, holdName, isAnothers } from '../store/credentials.ts';
import { type Ctx, unchanged } from './context.ts';
import { forgetCodes } from './steps/book-code.ts';
import { mayNot } from './steps/may.ts';
import { newSecret, putSecret, type Secret, secretEvents } from './steps/new-secret.ts';
import { notSoSoon } from './steps/recovery-separation.ts';
import { tellOwner } from './steps/tell-owner.ts';

const staff = { scopes: ['accounts'], roles: ['admin', 'support'] } as const;

/**
 * `PUT /v1/accounts/{id}/credentials/{store}` (contract section 4). A password is checked against the rules and
 * hashed; a hash is taken as it is when its scheme is known and its cost sane. Always a new epoch: every session
 * opened with the old secret ends in the same transaction.
 */
export async function setCredential(
  ctx: Ctx,
  accountId: string,
  store: StoreName,
  input: NewCredential,
): Promise<Outcome<Credential>> {
  const no = mayNot(ctx, staff);
  if (no) return no;
  const account = await accountById(ctx.read, accountId);
  if (account === undefined) return refuse('not_found');
  if (account.status === 'closed') return refuse('account_closed');
  const login = input.login ?? account.login;
  if (store === 'ssh' && isReserved(login)) return refuse('login_taken', { detail: reservedSentence });
  const made = await ('password' in input
    ? newSecret(ctx, input.password, { account, login })
    : fromHash(input.hash));
  if (!made.ok) return made;
  return ctx.act<Outcome<Credential>>(async (tx) => {
    // A name is one customer's on every door: else a password for `bob` here would open a shell of bob's there.
    await holdName(tx, login);
    if (await isAnothers(tx, login, accountId)) return unchanged(refuse('login_taken'));
    const locked = await lockAccount(tx, accountId);
    if (locked === undefined || locked.status === 'closed') return unchanged(refuse('account_closed'));
    const soon = await notSoSoon(tx, ctx, accountId, 'password');
    if (soon) return unchanged(soon);
    const put = await putSecret(tx, ctx, { accountId, store, login }, made.value);
    if (put === undefined) return unchanged(refuse('login_taken'));
    // How the staff helps somebody out; a link by mail must not give anybody new tries at the codes.
    await forgetCodes(tx, accountId);
    const notice = { kind: 'password_changed', login, store, by: 'staff' } as const;
    if (put.replaced) await tellOwner(tx, ctx, accountId, notice);
    const events = secretEvents('credential.set', put.row, made.value);
    return { value: done(credentialView(put.row)), events };
  });
}

function credentialView({ store, login, scheme, epoch, updatedAt }: CredentialRow): Credential {
  return { store, login, scheme, epoch, updated_at: updatedAt.toISOString() };
}

function fromHash(hash: string): Outcome<Secret> {
  const recognised = recogniseHash(hash);
  if (!recognised.ok) {
    const message = recognised.detail;
    return refuse('hash_rejected', { detail: message, errors: [{ path: 'hash', message }] });
  }
  return done({ hash, scheme: recognised.hash.scheme });
}

/** `DELETE /v1/accounts/{id}/credentials/{store}/{login}`: the secret goes, and what it opened ends. */
export async function removeCredential(
  ctx: Ctx,
  accountId: string,
  store: StoreName,
  login: string,
): Promise<Outcome<undefined>> {
  const no = mayNot(ctx, staff);
  if (no) return no;
  return ctx.act<Outcome<undefined>>(async (tx) => {
    await lockAccount(tx, accountId);
    const row = await deleteCredential(tx, accountId, store, canonicalLogin(login));
    if (row === undefined) return unchanged(refuse('not_found'));
    ctx.house.verified.forget(store, row.login);
    const detail = { store, login: row.login };
    return { value: done(undefined), events: [{ kind: 'credential.deleted', accountId, detail }] };
  });
}
