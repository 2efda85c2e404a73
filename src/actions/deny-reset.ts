/** "This was not me": the owner cancels a reset that somebody else asked for, and the host hears of it. */
import { done, type Outcome } from '../domain/refusal.ts';
import { tokenHash } from '../domain/token.ts';
import type { LinkShown, ResetDenied } from '../protocol/recovery.ts';
import { lockAccount } from '../store/accounts.ts';
import { denyToken, supersedeTokens, tokenOwner } from '../store/mailed-tokens.ts';
import { countMatched } from '../store/orders.ts';
import { policyInForce } from '../store/policy.ts';
import { type Ctx, unchanged } from './context.ts';
import { linkOver, textIn } from './steps/mailed-link.ts';
import { mayNot } from './steps/may.ts';
import { securingToken } from './steps/post-letter.ts';

/** Mails are read late: an older link, too, says that its owner did not ask for it. */
const deniableMs = 7 * 86_400_000;

/**
 * `POST /v1/password-resets/deny` (contract section 9): every open link of the account is over, `reset.denied` is on
 * record, and a token comes back that ends all sessions for whoever wants that (`secure-account`).
 */
export async function denyReset(ctx: Ctx, input: LinkShown): Promise<Outcome<ResetDenied>> {
  const no = mayNot(ctx, { scopes: ['authenticate'], visitors: true });
  if (no) return no;
  const since = new Date(ctx.now.getTime() - deniableMs);
  const hash = tokenHash(input.token);
  const accountId = await tokenOwner(ctx.read, hash, 'reset');
  if (accountId === undefined) return linkOver();
  return ctx.act<Outcome<ResetDenied>>(async (tx) => {
    const account = await lockAccount(tx, accountId);
    const denied = await denyToken(tx, hash, 'reset', ctx.now, since);
    if (denied === undefined) return unchanged(linkOver());
    const cancelled = await supersedeTokens(tx, accountId, 'reset', ctx.now);
    const secure = await securingToken(tx, ctx, accountId, { kind: 'reset_denied' });
    const { policy } = await policyInForce(tx);
    const matched = await countMatched(tx, { account_id: accountId }, policy, ctx.now, null);
    const login = textIn(denied.detail, 'login') ?? account?.login ?? '';
    const live = Object.values(matched.byChannel).reduce((sum, count) => sum + count, 0);
    const detail = {
      login,
      asked_at: denied.createdAt.toISOString(),
      asked_from: denied.source,
      also_cancelled: cancelled,
    };
    const source = input.source_ip === undefined ? {} : { source: input.source_ip };
    const value = { login, live_sessions: live, secure_token: secure };
    return { value: done(value), events: [{ kind: 'reset.denied', accountId, ...source, detail }] };
  });
}
