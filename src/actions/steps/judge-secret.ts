/**
 * Judges the secret of a login: an app password, the password, or the password with a code behind it in one field.
 * Whatever the name, the same number of hashes is computed, so that neither time nor load tells which names exist.
 */
import {
  type AppPasswordFault,
  appPasswordDigest,
  appPasswordFault,
  isAppPasswordShaped,
} from '../../domain/app-password.ts';
import type { LoginRefusal } from '../../domain/refusal.ts';
import { HashingBusy } from '../../hashing/admission.ts';
import type { AccountRow } from '../../store/accounts.ts';
import { type AppPasswordRow, appPasswordFor } from '../../store/app-passwords.ts';
import type { CredentialRow } from '../../store/credentials.ts';
import type { Factors } from '../../store/factors.ts';
import type { Ctx } from '../context.ts';
import type { Guess } from './guess.ts';

export interface Found {
  readonly credential: CredentialRow;
  readonly account: AccountRow;
}

export interface RightSecret extends Found {
  readonly ok: true;
  readonly factors: Factors;
  /** The same password in the current scheme, where the stored one is of an older one. */
  readonly better?: { readonly hash: string; readonly scheme: string };
  readonly appPassword?: AppPasswordRow;
  /** The code that stood behind the password in the same field. */
  readonly code?: string;
}

export interface WrongSecret {
  readonly ok: false;
  readonly reason: LoginRefusal;
  readonly account?: AccountRow;
}

/** Why this login may not come in whatever its password; undefined when the password decides. */
function shut(found: Found | undefined, guess: Guess): LoginRefusal | undefined {
  if (guess.nameUnknown) return 'name_unknown_at_door';
  if (found === undefined) return 'unknown_login';
  if (found.account.status === 'closed') return 'account_closed';
  if (found.account.status !== 'active') return 'account_suspended';
  return found.credential.lockedAt === null ? undefined : 'credential_locked';
}

const codeBehind = /^(.+?)[ ,:]?(\d{6})$/su;

/** Password and code where only one field can be filled in. */
export function inOneField(
  password: string,
): { readonly password: string; readonly code: string } | undefined {
  const [, before, code] = codeBehind.exec(password) ?? [];
  return before === undefined || code === undefined ? undefined : { password: before, code };
}

/** An app password that was shown, and why it opens nothing this time, if so. */
export interface ShownAppPassword {
  readonly row: AppPasswordRow;
  readonly fault: AppPasswordFault | 'not_by_password' | undefined;
}

/**
 * The app password of this login that was shown, if it is one that nobody revoked. Asked with the same question whether
 * there is such a name or not. `readOnlyEnforced`: the door keeps a read-only login from writing.
 */
export async function shownAppPassword(
  ctx: Ctx,
  guess: Guess,
  found: Found | undefined,
  readOnlyEnforced: boolean,
): Promise<ShownAppPassword | undefined> {
  if (!isAppPasswordShaped(guess.password)) return undefined;
  const digest = appPasswordDigest(ctx.house.digestKey, guess.store, guess.login, guess.password);
  const row = await appPasswordFor(ctx.read, found?.credential.id ?? '', digest);
  const at = { now: ctx.now, source: guess.source, readOnlyEnforced };
  if (row === undefined) return undefined;
  return { row, fault: guess.channel.passwordOnly ? 'not_by_password' : appPasswordFault(row, at) };
}

/** What a login is counted by: a good app password of a login that is open is no guess at the password. */
export function countedBy(
  guess: Guess,
  found: Found | undefined,
  shown: ShownAppPassword | undefined,
): 'password' | 'app_password' {
  const good = shown !== undefined && shown.fault === undefined && shut(found, guess) === undefined;
  return good ? 'app_password' : 'password';
}

/** `factors`: of the account of `found`; `shown`: of `shownAppPassword`. @throws HashingBusy before judging anything. */
export async function judgeSecret(
  ctx: Ctx,
  guess: Guess,
  found: Found | undefined,
  factors: Factors,
  shown: ShownAppPassword | undefined,
): Promise<RightSecret | WrongSecret> {
  // Where the door itself asks, the code has a field of its own; ssh's password method and FTP have one for both.
  const split = guess.channel.canAsk ? undefined : inOneField(guess.password);
  const reason = shut(found, guess);
  if (found === undefined || reason !== undefined) {
    await decoys(ctx, guess, split === undefined ? [guess.password] : [guess.password, split.password]);
    const account = found === undefined ? {} : { account: found.account };
    return { ok: false, reason: reason ?? 'unknown_login', ...account };
  }
  if (shown !== undefined) return judgeAppPassword(ctx, guess, found, shown);
  if (split !== undefined && factors.totp) {
    const right = await isPassword(ctx, guess, found, split.password);
    if (right.ok) return { ...right, ...found, factors, code: split.code };
  }
  const right = await isPassword(ctx, guess, found, guess.password);
  if (right.ok) return { ...right, ...found, factors };
  if (split !== undefined && !factors.totp) await decoys(ctx, guess, [split.password]);
  return { ok: false, reason: right.reason, account: found.account };
}

/** By the same single-flight as real ones: many at once cost as much, or as little. */
async function decoys(ctx: Ctx, guess: Guess, passwords: readonly string[]): Promise<void> {
  const { hashing, verified } = ctx.house;
  for (const password of passwords) {
    const claim = { store: guess.store, login: guess.login, password, epoch: -1, stored: '' };
    await verified.check(claim, () => hashing.decoy(password).then(() => false));
  }
}

async function isPassword(
  ctx: Ctx,
  guess: Guess,
  { credential }: Found,
  password: string,
): Promise<{ ok: true; better?: { hash: string; scheme: string } } | { ok: false; reason: LoginRefusal }> {
  const { hashing, verified } = ctx.house;
  const { hash: stored, epoch } = credential;
  let outdated = false;
  let reason: LoginRefusal = 'wrong_password';
  const claim = { store: guess.store, login: guess.login, password, epoch, stored };
  const verdict = await verified.check(claim, async () => {
    const judged = await hashing.verify(password, stored);
    outdated = judged.outdated;
    // Not the customer's fault: the staff should hear of it.
    if (judged.unverifiable !== undefined) reason = 'unverifiable_hash';
    return judged.ok;
  });
  if (!verdict.ok) return { ok: false, reason };
  const better = outdated ? await betterHash(ctx, password) : undefined;
  return better === undefined ? { ok: true } : { ok: true, better };
}

/** The same secret in the current scheme; undefined when the pool has no time for it: there will be another login. */
async function betterHash(ctx: Ctx, password: string): Promise<{ hash: string; scheme: string } | undefined> {
  try {
    return await ctx.house.hashing.create(password);
  } catch (error) {
    if (error instanceof HashingBusy) return undefined;
    throw error;
  }
}

/** No hash for a good one: ten connections of a mirror cost ten look-ups. One that opens nothing takes its time. */
async function judgeAppPassword(
  ctx: Ctx,
  guess: Guess,
  found: Found,
  { row: appPassword, fault: reason }: ShownAppPassword,
): Promise<RightSecret | WrongSecret> {
  if (reason === undefined) {
    const factors = { totp: false, passkeys: 0, recoveryCodes: 0 };
    return { ok: true, ...found, factors, appPassword };
  }
  await decoys(ctx, guess, [guess.password]);
  return { ok: false, reason, account: found.account };
}
