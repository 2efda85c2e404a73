import { requestOptions } from '../domain/passkey.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { PasskeyCeremony } from '../protocol/factors.ts';
import { passkeysOf } from '../store/passkeys.ts';
import type { Ctx } from './context.ts';
import { ownerSession } from './steps/own-change.ts';
import { beginCeremony } from './steps/passkey-ceremony.ts';

/** `POST /v1/me/reauthenticate/passkey/options`: what the browser is to be asked, for a passkey of this account. */
export async function beginReauthentication(ctx: Ctx): Promise<Outcome<PasskeyCeremony>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const { accountId } = owner.value;
  const known = await passkeysOf(ctx.read, accountId);
  if (known.length === 0) return refuse('second_factor_missing', { detail: 'The account has no passkey.' });
  const { id, challenge, expiresAt } = await beginCeremony(ctx, 'reauthentication', { accountId });
  const options = await requestOptions(ctx.house.passkeys, challenge, known);
  return done({ challenge_id: id, options: { ...options }, expires_at: expiresAt });
}
