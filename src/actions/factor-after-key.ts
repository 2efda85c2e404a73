import { channelAllowed } from '../domain/policy.ts';
import { done, type LoginRefusal, loginRefusals, type Outcome } from '../domain/refusal.ts';
import { canonicalAddress } from '../domain/source.ts';
import type { FactorAnswer, FactorRequest } from '../protocol/agent.ts';
import { authenticateRequest } from '../protocol/login.ts';
import { factorsOf, hasSecondFactor } from '../store/factors.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import { askFactor } from './steps/ask-factor.ts';
import { guessFrom } from './steps/guess.ts';
import { hostDoor, type Owner, refusedAtDoor, unknownAtDoor } from './steps/host-door.ts';

/**
 * `POST /v1/agent/factor`: sshd took a key of this login, and asks for a second factor on top of it. The agent's word
 * is all there is for the key, so nothing but a second factor can follow from it: the challenge is redeemed, counted
 * and checked again like any other.
 */
export async function factorAfterKey(ctx: Ctx, input: FactorRequest): Promise<Outcome<FactorAnswer>> {
  const asked = { ...input, method: 'publickey' };
  const door = await hostDoor(ctx, asked);
  if (!door.ok) return door;
  const { owner, channel, store } = door.value;
  if (owner === undefined) return done(await unknownAtDoor(ctx, asked, channel));
  const { policy } = await policyInForce(ctx.read);
  const factors = await factorsOf(ctx.read, owner.account.id);
  const source = input.source_ip === undefined ? undefined : canonicalAddress(input.source_ip);
  const open = channelAllowed(policy, channel.name, source);
  const owed = input.code_needed && !hasSecondFactor(factors);
  const reason = channel.passwordOnly ? 'not_by_password' : refusalFor(owner, open, owed);
  if (reason !== undefined || owner.credential === undefined) {
    const no = reason ?? 'second_factor_required';
    await ctx.act(async () => ({ value: undefined, events: [refusedAtDoor(asked, owner, no)] }));
    return done({ decision: 'deny', reason: loginRefusals[no] });
  }
  const { credential, account, login } = owner;
  if (!hasSecondFactor(factors)) {
    return done({ decision: 'allow', verified: { credential_id: credential.id, epoch: credential.epoch } });
  }
  const half = authenticateRequest.parse({
    ...{ store, login, channel: channel.name, host: input.host, can_ask: true, open_session: false },
    ...(source === undefined ? {} : { source_ip: source }),
  });
  const right = { account, credential, factors };
  const answer = await askFactor(ctx, half, guessFrom(half), right, async () => {}, { first: 'publickey' });
  if (answer.decision !== 'challenge') throw new Error('a factor was to be asked for');
  return done({
    decision: 'challenge',
    challenge: { id: answer.challenge.id, kinds: answer.challenge.kinds },
  });
}

function refusalFor(
  { account, credential }: Owner,
  open: boolean,
  factorMissing: boolean,
): LoginRefusal | undefined {
  if (account.status === 'closed') return 'account_closed';
  if (account.status !== 'active') return 'account_suspended';
  if (!open) return 'channel_refused';
  return factorMissing || credential === undefined ? 'second_factor_required' : undefined;
}
