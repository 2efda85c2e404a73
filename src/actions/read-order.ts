import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { Order } from '../protocol/api.ts';
import { type OrderRow, orderById } from '../store/orders.ts';
import type { Ctx } from './context.ts';
import { mayNot } from './steps/may.ts';
import { receiptsOf } from './steps/receipts.ts';

/** `GET /v1/orders/{id}` (contract section 6): what became of a logoff, door by door. */
export async function readOrder(ctx: Ctx, id: string): Promise<Outcome<Order>> {
  const no = mayNot(ctx, { scopes: ['sessions'], roles: ['admin', 'support', 'auditor'] });
  if (no) return no;
  const order = await orderById(ctx.read, id);
  return order === undefined ? refuse('not_found') : done(await receiptsOf(ctx, order));
}

/** `GET /v1/me/orders/{id}`: what became of a logoff that the customer asked for. Others are as if they were not there. */
export async function readOwnOrder(ctx: Ctx, id: string): Promise<Outcome<Order>> {
  if (ctx.principal.kind !== 'session') return refuse('not_allowed');
  const order = await orderById(ctx.read, id);
  const own = order !== undefined && isOwn(order, ctx.principal.session.accountId);
  return own ? done(await receiptsOf(ctx, order)) : refuse('not_found');
}

/** Asked for by a session, and of that account: sessions order nothing but their own account's ends. */
function isOwn(order: OrderRow, accountId: string): boolean {
  const selector = order.selector as { readonly account_id?: string; readonly owner_id?: string };
  const owner = selector.owner_id ?? selector.account_id;
  return order.requestedBy.startsWith('session:') && owner === accountId;
}
