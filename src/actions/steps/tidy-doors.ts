/** Hands a bulk logoff's live connections to their hosts: these wait for it, the tokens are dead already. */
import { type CutoffRow, tidyCutoff } from '../../store/orders.ts';
import type { Ctx } from '../context.ts';

const batch = 2000;

export async function tidyDoors(ctx: Ctx, cutoff: CutoffRow): Promise<void> {
  for (let reached = batch; reached === batch; ) {
    reached = await ctx.touch((tx) => tidyCutoff(tx, cutoff, 'doors', batch));
  }
}
