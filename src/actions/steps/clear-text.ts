/** A password that came in clear text where the policy wants encryption: it is not looked at, and its owner hears of it. */
import type { AuthenticateAnswer } from '../../protocol/api.ts';
import { type Ctx, unchanged } from '../context.ts';
import type { Guess } from './guess.ts';
import type { Found } from './judge-secret.ts';
import { refuseLogin } from './let-in.ts';
import { tellOwner } from './tell-owner.ts';

/**
 * Says the same of every name, and of every password: neither can be tried by it. The owner is told after the answer,
 * so that its time does not say whose name there is.
 */
export async function refuseClearText(
  ctx: Ctx,
  guess: Guess,
  found: Found | undefined,
): Promise<AuthenticateAnswer> {
  const account = found?.account;
  const answer = await refuseLogin(ctx, guess, { reason: 'sent_in_clear', account });
  if (account !== undefined) ctx.house.afterwards.later(() => tell(ctx, guess, account.id));
  return answer;
}

/** Whoever knows the name can bring this about, so its caps are low; the refusal itself stands in the audit log. */
function tell(ctx: Ctx, { login, store, channel, source }: Guess, accountId: string): Promise<void> {
  const from = source === undefined ? {} : { source };
  return ctx.act(async (tx) => {
    const facts = { login, store, channel: channel.name, insteadUse: channel.insteadUse, ...from };
    const told = await tellOwner(tx, ctx, accountId, { kind: 'sent_in_clear', ...facts });
    if (!told) return unchanged(undefined);
    const detail = { store, login, channel: channel.name };
    return { value: undefined, events: [{ kind: 'login.clear_text_told', accountId, ...from, detail }] };
  });
}
