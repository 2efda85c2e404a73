/**
 * Losing the password and losing the second factor are told to the staff by owners, and by those who pose as one. Who
 * talks somebody into both at once has the account; so the one half of a recovery waits a day for the other, and the
 * owner's letters about the first arrive before the second can be done (NIST 800-63B-4 4.2.2.2; ASVS 5.0 6.4.3, 6.4.4).
 */
import type { EventKind } from '../../domain/event.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { lastOthersEvent } from '../../store/audit.ts';
import type { Tx } from '../../store/db.ts';
import type { Ctx } from '../context.ts';

export const recoverySeparationMs = 24 * 3_600_000;

/** What stands for each half, by whom it counts. The customer's own changes are proved freshly, and are no recovery. */
const halves: Readonly<Record<'password' | 'factor', { kinds: readonly EventKind[]; detail: string }>> = {
  password: {
    kinds: ['credential.set', 'reset.used', 'ssh_key.made'],
    detail: 'A password or an SSH key of this account was set for its owner',
  },
  factor: {
    kinds: ['factor.removed'],
    detail: 'A second factor of this account was removed by the staff',
  },
};

/**
 * A refusal when the other half of a recovery was done within a day; undefined when this one may be done now. Call it
 * in the transaction that does it, after `lockAccount`: of any number of both at once, one kind is done.
 *
 * @param half what is about to be done: a password or a key set for the owner, or reset by mail; or a factor removed by staff.
 */
export async function notSoSoon(
  tx: Tx,
  ctx: Ctx,
  accountId: string,
  half: 'password' | 'factor',
): Promise<{ ok: false; refusal: Refusal } | undefined> {
  const other = halves[half === 'password' ? 'factor' : 'password'];
  const since = new Date(ctx.now.getTime() - recoverySeparationMs);
  const at = await lastOthersEvent(tx, accountId, other.kinds, since);
  if (at === undefined) return undefined;
  const from = new Date(at.getTime() + recoverySeparationMs).toISOString();
  return refuse('recovery_separation', {
    detail: `${other.detail} within a day: this may be done from ${from} on.`,
  });
}
