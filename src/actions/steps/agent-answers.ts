/** Whether the agent of a host was heard of within its lease. */
import { hostsNamed } from '../../store/hosts.ts';
import type { Ctx } from '../context.ts';
import { leaseMs } from './grace.ts';

export async function agentAnswers(ctx: Ctx, host: string): Promise<boolean> {
  const [found] = await hostsNamed(ctx.read, [host]);
  return found !== undefined && ctx.now.getTime() - found.lastContactAt.getTime() < leaseMs;
}
