/** Somebody connects and has not said who he is: is the door open, and is that place not at too many names already? */
import { channelAllowed } from '../domain/policy.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { canonicalAddress, sourcePrefixes } from '../domain/source.ts';
import { readBudgets } from '../store/attempts.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import { mayNot } from './steps/may.ts';

/** Only the budgets of places count here: an owner's place that is known keeps a budget of its own at the login. */
export async function weighSource(
  ctx: Ctx,
  { channel, source }: { readonly channel: string; readonly source: string | undefined },
): Promise<Outcome<{ readonly open: boolean }>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  const { policy } = await policyInForce(ctx.read);
  return done({
    open: channelAllowed(policy, channel, canonicalAddress(source ?? '')) && !(await isShutOut(ctx, source)),
  });
}

async function isShutOut(ctx: Ctx, source: string | undefined): Promise<boolean> {
  const address = canonicalAddress(source ?? '');
  if (address === undefined) return false;
  const { host, network } = sourcePrefixes(address);
  const budgets = await readBudgets(ctx.read, { source: `source:${host}`, network: `network:${network}` });
  return Object.values(budgets).some((budget) => budget.blockedUntil > ctx.now.getTime());
}
