/** A new password: judged by the rules, hashed, and put in the place of the old one. */
import type { StoreName } from '../../domain/channels/index.ts';
import type { AuditEvent } from '../../domain/event.ts';
import { contextWords, passwordFaults } from '../../domain/password.ts';
import { done, type Outcome, refuse } from '../../domain/refusal.ts';
import type { GuessBudget } from '../../domain/throttle.ts';
import { idBytes, idFrom } from '../../domain/token.ts';
import { HashingBusy } from '../../hashing/admission.ts';
import { log } from '../../log.ts';
import type { AccountRow } from '../../store/accounts.ts';
import { forgetGuesses } from '../../store/attempts.ts';
import { type CredentialRow, credentialOf, putCredential } from '../../store/credentials.ts';
import type { Tx } from '../../store/db.ts';
import { factorsOf, hasSecondFactor } from '../../store/factors.ts';
import { supersedeTokens } from '../../store/mailed-tokens.ts';
import { policyInForce } from '../../store/policy.ts';
import { forgetPrevious, keepPrevious } from '../../store/previous-passwords.ts';
import type { Ctx } from '../context.ts';
import { budgetKeys, guessFrom } from './guess.ts';

export interface Secret {
  readonly hash: string;
  readonly scheme: string;
  /** The configured breach set could not be read: it was taken all the same, and that is on record. */
  readonly unchecked?: boolean;
}

export interface ForWhom {
  readonly account: Pick<AccountRow, 'id' | 'login' | 'email'>;
  readonly login: string;
}

export interface Worth {
  /** Every reason against it, in sentences; none for a good one. */
  readonly faults: readonly string[];
  /** 0 to 4, by zxcvbn; undefined when there was no time for it. */
  readonly score: number | undefined;
  readonly unchecked: boolean;
}

/** Below this it is guessed in 10^8 tries and fewer. */
const leastScore = 3;

/** What a password is worth for this login: NIST 800-63B-4 3.1.1.2, ASVS 5.0 6.2.1 to 6.2.12. */
export async function worthOf(ctx: Ctx, password: string, { account, login }: ForWhom): Promise<Worth> {
  const { strength } = ctx.house;
  const [{ policy }, factors] = await Promise.all([policyInForce(ctx.read), factorsOf(ctx.read, account.id)]);
  const rules = policy.password;
  const chosen = {
    password,
    minLength: hasSecondFactor(factors)
      ? Math.min(rules.min_length, rules.min_length_with_factor)
      : rules.min_length,
    maxLength: rules.max_length,
    logins: [login, account.login],
    context: [...strength.words, ...contextWords([login, account.login, account.email ?? ''])],
  };
  const faults = passwordFaults(chosen, strength.rankOf);
  const [leaked, estimate] = await Promise.all([isLeaked(ctx, password), strength.estimate(password)]);
  if (leaked === true) faults.push('It is known from a leak of passwords elsewhere.');
  if (estimate !== undefined && estimate.score < leastScore) {
    faults.push(['It is easy to guess for a program.', ...estimate.advice].join(' '));
  }
  return { faults, score: estimate?.score, unchecked: leaked === 'unknown' };
}

/**
 * A set that cannot be read keeps nobody from changing a password: whoever does so now may have a good reason. It is
 * told to the log and the audit, and the other rules hold.
 */
async function isLeaked(ctx: Ctx, password: string): Promise<boolean | 'unknown'> {
  try {
    return (await ctx.house.strength.breached?.(password)) ?? false;
  } catch (error) {
    log.error({ err: error }, 'the breach set cannot be read; a password was taken without it');
    return 'unknown';
  }
}

/** The hash of a new password that keeps the rules; refused with every reason, in words, under the field's name. */
export async function newSecret(
  ctx: Ctx,
  password: string,
  whom: ForWhom,
  field = 'password',
): Promise<Outcome<Secret>> {
  const { faults, unchecked } = await worthOf(ctx, password, whom);
  if (faults.length > 0) {
    const message = faults.join(' ');
    return refuse('password_rejected', { detail: message, errors: [{ path: field, message }] });
  }
  try {
    const made = await ctx.house.hashing.create(password);
    return done(unchecked ? { ...made, unchecked } : made);
  } catch (error) {
    if (!(error instanceof HashingBusy)) throw error;
    return refuse('busy', { retryAfterSeconds: error.retryAfterSeconds });
  }
}

export interface Put {
  readonly row: CredentialRow;
  /** False for a login that had no secret before. */
  readonly replaced: boolean;
}

/**
 * Puts a secret in its place: a new epoch, so that the database ends what the old one opened, in this transaction.
 * Counters of guesses start anew, links to reset it or to move the mail are over, and the old one is kept to be recognised. Undefined
 * when the login is another account's. Under the account's lock.
 */
export async function putSecret(
  tx: Tx,
  ctx: Ctx,
  at: { readonly accountId: string; readonly store: StoreName; readonly login: string },
  secret: Secret,
): Promise<Put | undefined> {
  const old = await credentialOf(tx, at.store, at.login);
  const row = await putCredential(tx, {
    id: idFrom('credential', ctx.house.world.random(idBytes)),
    ...at,
    hash: secret.hash,
    scheme: secret.scheme,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  });
  if (row === undefined) return undefined;
  if (old !== undefined) await rememberOld(tx, ctx, old);
  await openForGuesses(tx, at.store, at.login);
  await supersedeTokens(tx, at.accountId, 'reset', ctx.now);
  // Whoever was in with the old secret may have asked for the mail to go to him: he has a day to confirm that.
  await supersedeTokens(tx, at.accountId, 'email', ctx.now);
  ctx.house.verified.forget(at.store, at.login);
  return { row, replaced: old !== undefined };
}

const dayMs = 86_400_000;

/** One that came in locked was shut by somebody, and is nobody's habit. */
async function rememberOld(tx: Tx, ctx: Ctx, old: CredentialRow): Promise<void> {
  const { policy } = await policyInForce(tx);
  const days = policy.password.previous_days;
  if (days === 0 || old.lockedAt !== null) return forgetPrevious(tx, old.id);
  const expiresAt = new Date(ctx.now.getTime() + days * dayMs);
  return keepPrevious(tx, { credentialId: old.id, hash: old.hash, changedAt: ctx.now, expiresAt });
}

/** A new secret starts with clean counters: it is how somebody who was locked out gets back in. */
async function openForGuesses(tx: Tx, store: StoreName, login: string): Promise<void> {
  const kinds: GuessBudget[] = ['strangers', 'familiar', 'name'];
  await forgetGuesses(tx, budgetKeys(guessFrom({ store, login }), kinds));
}

/** What is on record of a new secret. */
export function secretEvents(
  kind: 'credential.set' | 'reset.used',
  row: CredentialRow,
  secret: Pick<Secret, 'unchecked'>,
): AuditEvent[] {
  const { accountId, store, login, scheme, epoch } = row;
  const events: AuditEvent[] = [{ kind, accountId, detail: { store, login, scheme, epoch } }];
  if (secret.unchecked) events.push({ kind: 'password.unchecked', accountId, detail: { store, login } });
  return events;
}
