import { channelAllowed } from '../domain/policy.ts';
import { done, type LoginRefusal, loginRefusals, type Outcome } from '../domain/refusal.ts';
import { canonicalAddress } from '../domain/source.ts';
import type { AccountAnswer, AccountRequest } from '../protocol/agent.ts';
import type { AccountRow } from '../store/accounts.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import { hostDoor, refusedAtDoor, unknownAtDoor } from './steps/host-door.ts';

/** `POST /v1/agent/account`: may this login come in by this door now, however it was proved? SSH keys pass only here. */
export async function judgeAccount(ctx: Ctx, input: AccountRequest): Promise<Outcome<AccountAnswer>> {
  const door = await hostDoor(ctx, input);
  if (!door.ok) return door;
  const { owner, channel } = door.value;
  if (owner === undefined) return done(await unknownAtDoor(ctx, input, channel));
  const { policy } = await policyInForce(ctx.read);
  const source = input.source_ip === undefined ? undefined : canonicalAddress(input.source_ip);
  const open = channelAllowed(policy, channel.name, source);
  const unproved = channel.passwordOnly === true && input.method !== 'password';
  const refused = refusalFor(owner.account, open, unproved);
  if (refused === undefined) return done({ decision: 'allow' });
  await ctx.act(async () => ({ value: undefined, events: [refusedAtDoor(input, owner, refused)] }));
  return done({ decision: 'deny', reason: loginRefusals[refused] });
}

function refusalFor(account: AccountRow, open: boolean, unproved: boolean): LoginRefusal | undefined {
  if (account.status === 'closed') return 'account_closed';
  if (account.status !== 'active') return 'account_suspended';
  if (!open) return 'channel_refused';
  return unproved ? 'not_by_password' : undefined;
}
