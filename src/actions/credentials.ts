/** Secrets of accounts, one login of a store at a time. A change ends what the old secret opened. */
import type { StoreName } from '../domain/channels/index.ts';
import { recogniseHash } from '../domain/hashes/index.ts';
import { canonicalLogin, isReserved, reservedSentence } from '../domain/login.ts';
import { passwordFault } from '../domain/password.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { GuessBudget } from '../domain/throttle.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import { HashingBusy } from '../hashing/admission.ts';
import type { Credential, NewCredential } from '../protocol/api.ts';
import { accountById, lockAccount } from '../store/accounts.ts';
import { forgetGuesses } from '../store/attempts.ts';
import { deleteCredential, holdName, isAnothers, putCredential } from '../store/credentials.ts';
import type { Tx } from '../store/db.ts';
import { policyInForce } from '../store/policy.ts';
import { type Ctx, unchanged } from './context.ts';
import { forgetCodes } from './steps/book-code.ts';
import { budgetKeys, guessFrom } from './steps/guess.ts';
import { mayNot } from './steps/may.ts';

const staff = { scopes: ['accounts'], roles: ['admin', 'support'] } as const;

interface Secret {
  readonly hash: string;
  readonly scheme: string;
}

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
  const context = [login, account.login, ...login.split('@')];
  const made = await ('password' in input
    ? fromPassword(ctx, input.password, context)
    : fromHash(input.hash));
  if (!made.ok) return made;
  return ctx.act<Outcome<Credential>>(async (tx) => {
    // A name is one customer's on every door: else a password for `bob` here would open a shell of bob's there.
    await holdName(tx, login);
    if (await isAnothers(tx, login, accountId)) return unchanged(refuse('login_taken'));
    const locked = await lockAccount(tx, accountId);
    if (locked === undefined || locked.status === 'closed') return unchanged(refuse('account_closed'));
    const row = await putCredential(tx, {
      id: idFrom('credential', ctx.house.world.random(idBytes)),
      accountId,
      store,
      login,
      ...made.value,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    });
    if (row === undefined) return unchanged(refuse('login_taken'));
    await openForGuesses(tx, store, login);
    await forgetCodes(tx, accountId);
    ctx.house.verified.forget(store, login);
    const detail = { store, login, scheme: row.scheme, epoch: row.epoch };
    const value = { store, login, scheme: row.scheme, epoch: row.epoch, updated_at: ctx.now.toISOString() };
    return { value: done(value), events: [{ kind: 'credential.set', accountId, detail }] };
  });
}

/** A new secret starts with clean counters: it is how the staff helps somebody who was locked out. */
async function openForGuesses(tx: Tx, store: StoreName, login: string): Promise<void> {
  const kinds: GuessBudget[] = ['strangers', 'familiar', 'name'];
  await forgetGuesses(tx, budgetKeys(guessFrom({ store, login }), kinds));
}

async function fromPassword(
  ctx: Ctx,
  password: string,
  context: readonly string[],
): Promise<Outcome<Secret>> {
  const { policy } = await policyInForce(ctx.read);
  const fault = passwordFault(password, policy.password, context);
  if (fault !== undefined) {
    return refuse('password_rejected', { detail: fault, errors: [{ path: 'password', message: fault }] });
  }
  try {
    return done(await ctx.house.hashing.create(password));
  } catch (error) {
    if (!(error instanceof HashingBusy)) throw error;
    return refuse('busy', { retryAfterSeconds: error.retryAfterSeconds });
  }
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
