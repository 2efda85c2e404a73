/** The key that sshd accepted, looked at again where the session opens: it may be one that is kept here. */
import type { LoginRefusal } from '../../domain/refusal.ts';
import { isInside } from '../../domain/source.ts';
import type { Tx } from '../../store/db.ts';
import { lockSshKey, type SshKeyRow } from '../../store/ssh-keys.ts';

/**
 * Undefined for a key that was never kept here: the host's own. One that was revoked here is refused even where a file
 * of the host still has it. Locked, so that a revocation waits for the session and its trigger finds it.
 */
export async function acceptedKey(
  tx: Tx,
  asked: { readonly credentialId: string | undefined; readonly fingerprint: string | undefined },
  at: { readonly now: Date; readonly source: string | undefined },
): Promise<SshKeyRow | { readonly refused: LoginRefusal } | undefined> {
  if (asked.credentialId === undefined || asked.fingerprint === undefined) return undefined;
  const row = await lockSshKey(tx, asked.credentialId, asked.fingerprint);
  if (row === undefined) return undefined;
  if (row.revokedAt !== null) return { refused: 'ssh_key_revoked' };
  if (row.expiresAt !== null && row.expiresAt <= at.now) return { refused: 'ssh_key_expired' };
  const outside = row.source !== null && (at.source === undefined || !isInside(row.source, at.source));
  return outside ? { refused: 'ssh_key_outside_source' } : row;
}
