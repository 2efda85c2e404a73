/** What let somebody in beside the password: checked again, under its lock, where the session is opened. */

import { lockAppPassword } from '../../store/app-passwords.ts';
import type { Tx } from '../../store/db.ts';
import { lockGrant } from '../../store/grants.ts';

export interface Access {
  readonly appPasswordId?: string | undefined;
  readonly grantId?: string | undefined;
}

/**
 * False when something of it was revoked or ran out meanwhile; else until when the session may last, in ms since 1970.
 * The locks make a revocation wait for the session, so that its trigger finds it.
 */
export async function accessStands(
  tx: Tx,
  access: Access,
  of: { readonly accountId: string; readonly credentialId: string },
  now: Date,
): Promise<{ readonly until: number } | false> {
  const { appPasswordId, grantId } = access;
  let until = Number.POSITIVE_INFINITY;
  if (appPasswordId !== undefined) {
    const row = await lockAppPassword(tx, appPasswordId);
    if (row?.credentialId !== of.credentialId) return false;
    until = Math.min(until, row.expiresAt?.getTime() ?? until);
  }
  if (grantId !== undefined) {
    const row = await lockGrant(tx, grantId);
    if (row?.accountId !== of.accountId) return false;
    until = Math.min(until, row.expiresAt.getTime());
  }
  return until > now.getTime() && { until };
}
