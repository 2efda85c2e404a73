/** What is done with flags by the clock: those that wait are counted, what was resolved or reported long ago is forgotten. */
import { flagKinds } from '../domain/flag.ts';
import { flagsOpen } from '../metrics.ts';
import { sweepCampaigns } from '../store/campaigns.ts';
import { countOpenFlags, sweepFlags } from '../store/flags.ts';
import { policyInForce } from '../store/policy.ts';
import { sweepReports } from '../store/reports.ts';
import type { Ctx } from './context.ts';

const batch = 500;
const dayMs = 86_400_000;

export async function measureFlags(ctx: Ctx): Promise<void> {
  const open = new Map((await countOpenFlags(ctx.read)).map(({ kind, count }) => [kind, count]));
  for (const kind of flagKinds) flagsOpen.set({ kind }, open.get(kind) ?? 0);
}

/** Open ones are never forgotten. */
export async function sweepResolvedFlags(ctx: Ctx): Promise<void> {
  const { keep_days } = (await policyInForce(ctx.read)).policy.flags;
  const before = new Date(ctx.now.getTime() - keep_days * dayMs);
  while ((await ctx.touch((tx) => sweepFlags(tx, before, ctx.now, batch))) === batch) {}
  // Founded with its flag: not one that is being founded.
  const founded = new Date(ctx.now.getTime() - dayMs);
  while ((await ctx.touch((tx) => sweepCampaigns(tx, founded, batch))) === batch) {}
}

export async function sweepOldReports(ctx: Ctx): Promise<void> {
  while ((await ctx.touch((tx) => sweepReports(tx, ctx.now, batch))) === batch) {}
}
