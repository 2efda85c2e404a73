/** A login half done: the password was right, and a second factor is asked for. */
import { passkeyChallengeBytes, type RequestOptions, requestOptions } from '../../domain/passkey.ts';
import { tokenBytes, tokenHash } from '../../domain/token.ts';
import { logins } from '../../metrics.ts';
import type { AuthenticateAnswer, AuthenticateRequest } from '../../protocol/api.ts';
import { insertChallenge } from '../../store/challenges.ts';
import type { Tx } from '../../store/db.ts';
import { passkeysOf } from '../../store/passkeys.ts';
import type { Ctx } from '../context.ts';
import type { Guess } from './guess.ts';
import type { Found, RightSecret } from './judge-secret.ts';
import { aboutLogin, loginDetail } from './let-in.ts';

export const challengeMs = 5 * 60_000;

/** What was asked for and proved, kept with the challenge and checked again when it is redeemed. Never a secret. */
export interface HalfDone {
  readonly asked: Omit<AuthenticateRequest, 'password' | 'otp'>;
  readonly credentialId: string;
  readonly epoch: number;
  /** What the first half was, when it was no password: sshd took a key. */
  readonly first?: 'publickey';
  /** The login came in well from there lately. */
  readonly known?: boolean;
}

export function challengeId(random: Buffer): string {
  return `cha_${random.toString('base64url')}`;
}

/** Opens a challenge. Its id is half of a login: only its SHA-256 is kept. */
export async function askFactor(
  ctx: Ctx,
  input: AuthenticateRequest,
  guess: Guess,
  right: Found & Pick<RightSecret, 'factors'>,
  along: (tx: Tx) => Promise<void>,
  how: Pick<HalfDone, 'first' | 'known'> = {},
): Promise<AuthenticateAnswer> {
  const id = challengeId(ctx.house.world.random(tokenBytes));
  const asking = right.factors.passkeys > 0 ? await askPasskey(ctx, right.account.id) : undefined;
  const expiresAt = new Date(ctx.now.getTime() + challengeMs);
  const { password: _password, otp: _otp, ...asked } = input;
  const { id: credentialId, epoch } = right.credential;
  const entry: HalfDone = { asked, credentialId, epoch, ...how };
  await ctx.act(async (tx) => {
    await along(tx);
    await insertChallenge(tx, {
      idHash: tokenHash(id),
      purpose: 'login',
      accountId: right.account.id,
      askedBy: ctx.actor.id,
      entry,
      webauthn: asking?.challenge ?? null,
      createdAt: ctx.now,
      expiresAt,
    });
    const detail = { ...loginDetail(guess), ...(how.known === true ? { known: true } : {}) };
    return {
      value: undefined,
      events: [{ kind: 'login.challenged' as const, ...aboutLogin(right.account, guess), detail }],
    };
  });
  logins.inc({ store: guess.store, decision: 'challenge' });
  const { totp, recoveryCodes, passkeys } = right.factors;
  const kinds = [
    ...(totp ? ['totp' as const] : []),
    ...(recoveryCodes > 0 ? ['recovery_code' as const] : []),
    ...(passkeys > 0 ? ['passkey' as const] : []),
  ];
  const passkey = asking === undefined ? {} : { passkey: { ...asking.options } };
  return { decision: 'challenge', challenge: { id, kinds, expires_at: expiresAt.toISOString(), ...passkey } };
}

/** What the browser is to be asked, and the challenge that its answer must have signed. */
async function askPasskey(
  ctx: Ctx,
  accountId: string,
): Promise<{ options: RequestOptions; challenge: string }> {
  const challenge = ctx.house.world.random(passkeyChallengeBytes);
  const known = await passkeysOf(ctx.read, accountId);
  const options = await requestOptions(ctx.house.passkeys, challenge, known);
  return { options, challenge: challenge.toString('base64url') };
}
