/** Which login of a store something is made for, and how long it may last. */
import type { StoreName } from '../../domain/channels/index.ts';
import { done, type Outcome, refuse } from '../../domain/refusal.ts';
import type { AccountRow } from '../../store/accounts.ts';
import { type CredentialRow, credentialsOf } from '../../store/credentials.ts';
import type { Tx } from '../../store/db.ts';

/** The account's credential of that store; its own name when none is said. Under the account's lock. */
export async function ownLogin(
  tx: Tx,
  account: AccountRow,
  store: StoreName,
  login = account.login,
): Promise<Outcome<CredentialRow>> {
  const all = await credentialsOf(tx, account.id);
  const credential = all.find((each) => each.store === store && each.login === login);
  if (credential !== undefined) return done(credential);
  const message = `the account has no login ${login} on the store ${store}`;
  return refuse('invalid_field', { errors: [{ path: 'login', message }] });
}

/** The moment at which it ends; refused when that is not ahead. */
export function ownEnd(expires: string | undefined, now: Date): Outcome<Date | null> {
  if (expires === undefined) return done(null);
  const at = new Date(expires);
  if (at > now) return done(at);
  return refuse('invalid_field', { errors: [{ path: 'expires_at', message: 'must be in the future' }] });
}
