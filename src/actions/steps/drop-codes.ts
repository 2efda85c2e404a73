/** Recovery codes stand in for a second factor: without one they would be keys to nothing that lie around. */
import type { Tx } from '../../store/db.ts';
import { factorsOf, hasSecondFactor } from '../../store/factors.ts';
import { deleteRecoveryCodes } from '../../store/own-factors.ts';

/** After a factor went: takes the codes away with the last one; answers how many good ones went. */
export async function dropCodesWithLastFactor(tx: Tx, accountId: string): Promise<number> {
  return hasSecondFactor(await factorsOf(tx, accountId)) ? 0 : deleteRecoveryCodes(tx, accountId);
}
