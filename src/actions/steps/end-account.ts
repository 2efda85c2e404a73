/** Ends every session of an account, on every channel, in the transaction of what made that needful. */
import type { EndReason } from '../../domain/session.ts';
import { idBytes, idFrom } from '../../domain/token.ts';
import type { Tx } from '../../store/db.ts';
import { endMatched, insertOrder } from '../../store/orders.ts';
import type { Ctx } from '../context.ts';

/** @returns the logoff order: its receipts tell when the processes of hosts are gone. Under the account's lock. */
export async function endAccountSessions(
  tx: Tx,
  ctx: Ctx,
  accountId: string,
  reason: string,
  endReason: EndReason,
): Promise<{ readonly orderId: string; readonly ended: number }> {
  const id = idFrom('order', ctx.house.world.random(idBytes));
  const requestedBy = `${ctx.actor.kind}:${ctx.actor.id}`;
  const selector = { account_id: accountId };
  await insertOrder(tx, { id, selector, reason, requestedBy, createdAt: ctx.now, tidied: true });
  const { byChannel } = await endMatched(tx, id, selector, ctx.now, endReason);
  return { orderId: id, ended: Object.values(byChannel).reduce((sum, count) => sum + count, 0) };
}
