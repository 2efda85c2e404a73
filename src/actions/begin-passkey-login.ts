import { requestOptions } from '../domain/passkey.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { PasskeyCeremony } from '../protocol/factors.ts';
import type { PasskeyLoginRequest } from '../protocol/login.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import { boundHost, mayNot } from './steps/may.ts';
import { beginCeremony } from './steps/passkey-ceremony.ts';

/**
 * `POST /v1/authenticate/passkey/options`: what `navigator.credentials.get` is to be asked where no name was given.
 * There is no list of passkeys in it, so it tells of nobody; the browser offers what it holds for this domain.
 */
export async function beginPasskeyLogin(
  ctx: Ctx,
  input: PasskeyLoginRequest,
): Promise<Outcome<PasskeyCeremony>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  if (boundHost(ctx) !== undefined) {
    return refuse('not_allowed', { detail: 'A key that is bound to a host opens no sessions by token.' });
  }
  const { policy } = await policyInForce(ctx.read);
  if (!policy.factors.passkey_first) {
    return refuse('not_allowed', {
      detail: 'Here a passkey alone opens nothing: it goes with the password.',
    });
  }
  const { id, challenge, expiresAt } = await beginCeremony(ctx, 'passkey_login', { entry: input });
  const options = await requestOptions(ctx.house.passkeys, challenge);
  return done({ challenge_id: id, options: { ...options }, expires_at: expiresAt });
}
