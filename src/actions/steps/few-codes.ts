import type { Tx } from '../../store/db.ts';
import { factorsOf } from '../../store/factors.ts';

/** So few recovery codes that their owner should make new ones while he still can come in. */
export const fewCodes = 3;

/** What a login by a second factor is told with its answer. */
export async function fewCodesNotices(
  tx: Tx,
  accountId: string,
): Promise<readonly { kind: string; message: string }[]> {
  const { recoveryCodes: left } = await factorsOf(tx, accountId);
  if (left > fewCodes) return [];
  const said =
    left === 0 ? 'No recovery code is' : left === 1 ? 'One recovery code is' : `${left} recovery codes are`;
  return [{ kind: 'few_recovery_codes', message: `${said} left. Make new ones while you can log in.` }];
}
