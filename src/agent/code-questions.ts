/** The second half of a login: the person is asked for a code, by the daemon, while nothing waits here. */
import { acceptedKey } from '../domain/ssh-key.ts';
import { totpCode } from '../domain/totp.ts';
import type { PamAnswer } from '../protocol/pam.ts';
import type { HalfLogin } from './half-logins.ts';
import { clientOf } from './question-client.ts';
import { type Asked, denyAsThrottled, type QuestionParts } from './question-parts.ts';

/** Wrong codes in one conversation; sshd then begins again with the password, and counts too. */
const codeTries = 3;

/** The first factor was right: a handle for the module, which asks the person and comes back. */
export function askForCode(
  parts: QuestionParts,
  asked: Asked<'auth'> | Asked<'factor'>,
  challenge: { readonly id: string; readonly kinds: readonly string[] },
): PamAnswer {
  // A passkey needs a browser: such an account comes in with a recovery code, an app password or a key.
  if (!challenge.kinds.some((kind) => kind === 'totp' || kind === 'recovery_code'))
    return { verdict: 'deny' };
  const { login, store, service } = asked;
  const half = { login, store, service, challenge: challenge.id, tries: codeTries };
  return { verdict: 'ask', handle: parts.halves.keep(half) };
}

/** A key was proved to sshd; the service says whether a second factor is still owed. */
export async function factorAfterKey(
  parts: QuestionParts,
  asked: Asked<'factor'>,
  signal: AbortSignal,
): Promise<PamAnswer> {
  const { store, channel, login, service } = asked;
  // Nothing was proved otherwise, and a code alone would open the door.
  if (!asked.ssh_auth_info?.startsWith('publickey ')) return { verdict: 'deny' };
  const source = await clientOf(asked, signal);
  const key = acceptedKey(asked.ssh_auth_info);
  const answer = await parts.service.factor(
    {
      host: parts.host,
      ...{ store, login, channel },
      ...(source.ip ? { source_ip: source.ip } : {}),
      ...(key ? { ssh_key: key } : {}),
      code_needed: asked.code_needed !== undefined,
    },
    signal,
  );
  if (answer.decision === 'challenge') return askForCode(parts, asked, answer.challenge);
  if (answer.decision !== 'allow') return { verdict: answer.decision };
  return {
    verdict: 'allow',
    login_id: parts.tickets.issue({ login, store, service, verified: answer.verified }),
  };
}

/** Puts a code before the service. A wrong one is asked for again a few times: the service counts for itself. */
export async function judgeCode(
  parts: QuestionParts,
  asked: Asked<'code'>,
  signal: AbortSignal,
): Promise<PamAnswer> {
  const { store, login, service, code } = asked;
  const half = parts.halves.take(asked.handle, login, store, service);
  if (half === undefined) return { verdict: 'deny' };
  const began = parts.world.monotonicMs();
  const answer = await parts.service.challenge(
    {
      challenge_id: half.challenge,
      kind: totpCode(code) === undefined ? 'recovery_code' : 'totp',
      code,
    },
    signal,
  );
  if (answer.decision === 'allow') {
    const ticket = { login, store, service, verified: answer.verified };
    return { verdict: 'allow', login_id: parts.tickets.issue(ticket) };
  }
  if (answer.decision === 'throttled') {
    return denyAsThrottled(parts, parts.world.monotonicMs() - began, signal);
  }
  return answer.decision === 'deny' ? again(parts, half) : { verdict: 'deny' };
}

function again(parts: QuestionParts, half: HalfLogin): PamAnswer {
  if (half.tries <= 1) return { verdict: 'deny' };
  const handle = parts.halves.keep({ ...half, tries: half.tries - 1 });
  return { verdict: 'ask', handle, message: 'That code was not right. Verification code: ' };
}
