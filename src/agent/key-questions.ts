/** `gatehouse-keys` asks whether a login has a key, before sshd believes anybody who signs with it. */
import { authorizedKeysLine } from '../domain/ssh-key.ts';
import { fingerprint as fingerprintForm } from '../protocol/agent.ts';
import type { PamAnswer } from '../protocol/pam.ts';
import type { Asked, QuestionParts } from './question-parts.ts';

export async function keyLine(
  parts: QuestionParts,
  asked: Asked<'keys'>,
  signal: AbortSignal,
): Promise<PamAnswer> {
  const { login } = asked;
  const fingerprint = fingerprintForm.safeParse(asked.fingerprint);
  if (!fingerprint.success) return { verdict: 'deny' };
  const answer = await parts.service.sshKey(
    { host: parts.host, login, fingerprint: fingerprint.data },
    signal,
  );
  if (answer.decision === 'deny') return { verdict: 'deny' };
  const { type, key, source, expires_at } = answer.key;
  const expiresAt = expires_at === null ? null : new Date(expires_at);
  const written = authorizedKeysLine({ type, key, source, expiresAt });
  // sshd compares the key itself; a line for another one was asked for by nobody.
  if (written?.fingerprint !== fingerprint.data) {
    parts.log.error({ login, key: answer.key.id }, 'the service answered a key that was not asked for');
    return { verdict: 'deny' };
  }
  return { verdict: 'allow', key_line: written.line };
}
