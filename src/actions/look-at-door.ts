import { shutDoor } from '../domain/channels/index.ts';
import { channelAllowed } from '../domain/policy.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { canonicalAddress } from '../domain/source.ts';
import type { DoorAnswer, DoorRequest } from '../protocol/agent.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx, House } from './context.ts';
import { doorAsked, refusedAtDoor } from './steps/host-door.ts';
import { OnceIn } from './steps/once-in.ts';

const told = new WeakMap<House, OnceIn>();

/**
 * `POST /v1/agent/door`: may anybody come in by this door, from there? Asked by daemons that would take a password in
 * clear text, before they ask for it. The name is not looked up, so that every one is told the same in the same time.
 * Whoever reaches the daemon can ask at will: the audit log hears of a shut door at once, and then, from each node, at
 * most once a minute for each host and channel, with the name where it could be one.
 */
export async function lookAtDoor(ctx: Ctx, input: DoorRequest): Promise<Outcome<DoorAnswer>> {
  const door = doorAsked(ctx, input);
  if (!door.ok) return door;
  const { channel } = door.value;
  const source = input.source_ip === undefined ? undefined : canonicalAddress(input.source_ip);
  const { policy } = await policyInForce(ctx.read);
  if (channelAllowed(policy, channel.name, source)) return done({ open: true });
  await tell(ctx, input);
  return done({ open: false, message: shutDoor(channel) });
}

async function tell(ctx: Ctx, input: DoorRequest): Promise<void> {
  const once = told.get(ctx.house) ?? new OnceIn(60_000, 1_000);
  told.set(ctx.house, once);
  const name = `${input.channel} ${input.host}`;
  if (!once.claim(name, ctx.now.getTime())) return;
  const event = refusedAtDoor({ ...input, method: 'password' }, undefined, 'channel_refused');
  await ctx
    .act(async () => ({ value: undefined, events: [event] }))
    .catch((error: unknown) => {
      once.release(name);
      throw error;
    });
}
