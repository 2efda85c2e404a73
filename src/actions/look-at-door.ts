import { shutDoor } from '../domain/channels/index.ts';
import { channelAllowed } from '../domain/policy.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { canonicalAddress } from '../domain/source.ts';
import type { DoorAnswer, DoorRequest } from '../protocol/agent.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import { hostDoor, refusedAtDoor } from './steps/host-door.ts';

/**
 * `POST /v1/agent/door`: may anybody come in by this door, from there? Asked by daemons that would take a password in
 * clear text, before they ask for it. The login is for the audit log alone: every name hears the same.
 */
export async function lookAtDoor(ctx: Ctx, input: DoorRequest): Promise<Outcome<DoorAnswer>> {
  const asked = { ...input, method: 'password' };
  const door = await hostDoor(ctx, asked);
  if (!door.ok) return door;
  const { channel, owner } = door.value;
  const source = input.source_ip === undefined ? undefined : canonicalAddress(input.source_ip);
  const { policy } = await policyInForce(ctx.read);
  if (channelAllowed(policy, channel.name, source)) return done({ open: true });
  await ctx.act(async () => ({ value: undefined, events: [refusedAtDoor(asked, owner, 'channel_refused')] }));
  return done({ open: false, message: shutDoor(channel) });
}
