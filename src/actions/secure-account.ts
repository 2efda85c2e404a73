/** The page behind every notice: ends all sessions and starts a new password, for an owner who says "not me". */
import { setTimeout as sleep } from 'node:timers/promises';
import { mailedMs } from '../domain/mailed.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { tokenHash } from '../domain/token.ts';
import type { AccountSecured, LinkShown } from '../protocol/recovery.ts';
import { revokeAccessSince } from '../store/access.ts';
import { lockAccount, setEmail } from '../store/accounts.ts';
import { spendToken, supersedeTokens } from '../store/mailed-tokens.ts';
import { orderById } from '../store/orders.ts';
import { type Ctx, unchanged } from './context.ts';
import { endAccountSessions } from './steps/end-account.ts';
import { mailReset, ownLogin } from './steps/mail-reset.ts';
import { linkOver, mailedLinkFor, textIn } from './steps/mailed-link.ts';
import { mayNot } from './steps/may.ts';
import { receiptsOf } from './steps/receipts.ts';

/**
 * `POST /v1/account-security`. The link in a notice is good for a week, so it sets no password by itself: it has a
 * reset mailed, which is good for 30 minutes. The notice of a changed address went to the old one, which gets its
 * mail back: whoever took the account over must not get that reset, too. App passwords, grants and keys that were made in
 * the week before the notice, or since, are revoked.
 */
export async function secureAccount(ctx: Ctx, input: LinkShown): Promise<Outcome<AccountSecured>> {
  const no = mayNot(ctx, { scopes: ['authenticate'], visitors: true });
  if (no) return no;
  const hash = tokenHash(input.token);
  const link = await mailedLinkFor(ctx, hash, 'secure');
  if (link === undefined) return linkOver();
  const secured = await ctx.act<Outcome<Secured>>(async (tx) => {
    const account = await lockAccount(tx, link.account.id);
    if (account === undefined || account.status === 'closed') return unchanged(linkOver());
    const spent = await spendToken(tx, hash, 'secure', ctx.now, 'used');
    if (spent === undefined) return unchanged(linkOver());
    const back = textIn(spent.detail, 'address');
    const moved = back !== undefined && back !== account.email;
    if (moved) await setEmail(tx, account.id, back, null, ctx.now);
    await supersedeTokens(tx, account.id, 'email', ctx.now);
    // What was mailed since went, in part, to whoever moved the mail away: nothing of it brings that address back, or
    // sets a password. What was mailed before stays, so that the oldest address has the last word.
    if (back !== undefined) await supersedeTokens(tx, account.id, 'secure', ctx.now, spent.createdAt);
    if (moved) await supersedeTokens(tx, account.id, 'reset', ctx.now);
    const reason = 'the owner said of a notice: this was not me';
    const { orderId, ended } = await endAccountSessions(tx, ctx, account.id, reason, 'ended');
    // The week before counts, too: the notice of what a thief made may be the one that was not read.
    const since = new Date(spent.createdAt.getTime() - mailedMs.secure);
    const revoked = await revokeAccessSince(tx, account.id, since, ctx.now);
    const target = await ownLogin(tx, account);
    const row = { source: null, requestId: ctx.requestId };
    const mailed =
      target && ctx.house.mail.kind !== 'off'
        ? await mailReset(tx, ctx, target, { row, fromSource: 0, first: moved })
        : undefined;
    const detail = { notice: textIn(spent.detail, 'kind'), ended, revoked, address_restored: moved };
    const about = {
      accountId: account.id,
      orderId,
      ...(input.source_ip === undefined ? {} : { source: input.source_ip }),
    };
    const value = {
      login: account.login,
      sessions_ended: ended,
      access_revoked: revoked,
      reset_mailed: mailed?.kind === 'reset.mailed',
      orderId,
    };
    const event = { kind: 'account.secured', ...about, detail } as const;
    return { value: done(value), events: mailed === undefined ? [event] : [event, mailed] };
  });
  if (!secured.ok) return secured;
  const { orderId, ...value } = secured.value;
  return done({ ...value, doors: await doorsOf(ctx, orderId) });
}

type Secured = Omit<AccountSecured, 'doors'> & { readonly orderId: string };

/** Most doors are proved shut within a second; who pressed the button has no other way to ask again. */
const looks = 20;
const lookEveryMs = 100;

async function doorsOf(ctx: Ctx, orderId: string): Promise<AccountSecured['doors']> {
  for (let look = 1; ; look++) {
    const order = await orderById(ctx.read, orderId);
    const receipts = order === undefined ? [] : (await receiptsOf(ctx, order)).receipts;
    const open = receipts.some(({ state }) => state === 'pending');
    if (!open || look === looks)
      return receipts.map(({ channel, host, state, meaning }) => ({ channel, host, state, meaning }));
    await sleep(lookEveryMs);
  }
}
