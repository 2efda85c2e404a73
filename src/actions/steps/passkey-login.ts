/** A login by a passkey alone: the passkey says who comes, and with user verification it is both factors. */
import type { PasskeyAnswer } from '../../domain/passkey.ts';
import type { LoginRefusal } from '../../domain/refusal.ts';
import type { AuthenticateAnswer } from '../../protocol/api.ts';
import type { PasskeyLoginRequest } from '../../protocol/login.ts';
import { type AccountRow, accountById } from '../../store/accounts.ts';
import { type CredentialRow, credentialsOf } from '../../store/credentials.ts';
import type { Ctx } from '../context.ts';
import { guessFrom } from './guess.ts';
import { judgePasskey, passkeyCloned, usePasskey } from './judge-passkey.ts';
import { comingBy, letIn, refuseLogin } from './let-in.ts';
import { takeUpCeremony } from './passkey-ceremony.ts';

const over: AuthenticateAnswer = { decision: 'deny', reason: 'invalid_credentials' };

/** @param challengeId of `POST /v1/authenticate/passkey/options`. */
export async function loginByPasskey(
  ctx: Ctx,
  challengeId: string,
  answer: PasskeyAnswer,
): Promise<AuthenticateAnswer> {
  const ceremony = await takeUpCeremony(ctx, challengeId, 'passkey_login');
  if (ceremony === undefined) return over;
  const asked = ceremony.entry as PasskeyLoginRequest;
  const at = { ...asked, store: 'panel' as const };
  const judged = await judgePasskey(ctx, undefined, ceremony.challenge, answer);
  if (!judged.ok) return refuseWrong(ctx, guessFrom({ ...at, login: '?' }), judged);
  const found = await panelLoginOf(ctx, judged.passkey.accountId);
  if (found === undefined) {
    const about = { accountId: judged.passkey.accountId, fault: 'it has no login of the panel' };
    return refuseWrong(ctx, guessFrom({ ...at, login: '?' }), { ...about, reason: 'passkey_alone_refused' });
  }
  const guess = guessFrom({ ...at, login: found.credential.login });
  if (found.credential.lockedAt !== null) {
    return refuseLogin(ctx, guess, { account: found.account, reason: 'credential_locked' });
  }
  const coming = comingBy(guess, { ...at, login: guess.login }, found, {
    method: 'passkey',
    shown: 'factor',
  });
  let cloned = false;
  const decision = await letIn(ctx, coming, async (tx, { policy }) => {
    if (!policy.factors.passkey_first) return 'passkey_alone_refused';
    const refused: LoginRefusal | undefined = await usePasskey(tx, ctx, judged);
    cloned = refused === 'passkey_cloned';
    return refused;
  });
  if (cloned) await passkeyCloned(ctx, judged);
  return decision;
}

/** The login of the panel that a passkey opens: the account's own name there, or its oldest one. */
async function panelLoginOf(
  ctx: Ctx,
  accountId: string,
): Promise<{ account: AccountRow; credential: CredentialRow } | undefined> {
  const [account, credentials] = await Promise.all([
    accountById(ctx.read, accountId),
    credentialsOf(ctx.read, accountId),
  ]);
  const atPanel = credentials
    .filter(({ store }) => store === 'panel')
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  const credential = atPanel.find(({ login }) => login === account?.login) ?? atPanel[0];
  return account && credential && { account, credential };
}

async function refuseWrong(
  ctx: Ctx,
  guess: ReturnType<typeof guessFrom>,
  { accountId, reason, fault }: { accountId?: string; reason: LoginRefusal; fault: string },
): Promise<AuthenticateAnswer> {
  const account = accountId === undefined ? undefined : await accountById(ctx.read, accountId);
  return refuseLogin(ctx, guess, { account, reason, fault });
}
