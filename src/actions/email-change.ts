/** The address that an account's mail goes to: changed once whoever reads the new one says so, and the old one hears. */
import { confirmCaps, confirmLetter } from '../domain/email-change.ts';
import { mailedMs } from '../domain/mailed.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { tokenHash } from '../domain/token.ts';
import type { EmailAsked, EmailConfirmed, LinkShown } from '../protocol/recovery.ts';
import { lockAccount, setEmail } from '../store/accounts.ts';
import type { Tx } from '../store/db.ts';
import { spendToken, supersedeTokens } from '../store/mailed-tokens.ts';
import { mailsSince } from '../store/mails.ts';
import { type Ctx, unchanged } from './context.ts';
import { linkOver, mailedLinkFor, textIn } from './steps/mailed-link.ts';
import { mayNot } from './steps/may.ts';
import { aboutMe, changeOwn, fromHere } from './steps/own-change.ts';
import { mailableLink, postLetter } from './steps/post-letter.ts';
import { tellOwner } from './steps/tell-owner.ts';

const hourMs = 3_600_000;

/** `PUT /v1/me/email`: freshly authenticated; nothing changes until the link that goes to the new address is used. */
export async function askForEmail(ctx: Ctx, email: string): Promise<Outcome<EmailAsked>> {
  if (ctx.house.mail.kind === 'off') {
    return refuse('unavailable', { detail: 'No mail leaves this service, so no address can be confirmed.' });
  }
  return changeOwn<EmailAsked>(ctx, 'any', async (tx, me) => {
    const { account } = me;
    if (await isEnough(tx, ctx, account.id)) {
      return unchanged(refuse('too_many', { retryAfterSeconds: 3600 }));
    }
    await supersedeTokens(tx, account.id, 'email', ctx.now);
    const link = await mailableLink(tx, ctx, account.id, 'email', { detail: { email } });
    const letter = confirmLetter(account.login, link);
    await postLetter(tx, ctx, { account, to: email, kind: 'email_confirm', letter });
    const moves = account.email !== null && account.email !== email;
    const notice = { kind: 'email_changed', step: 'asked', newAddress: email } as const;
    if (moves) await tellOwner(tx, ctx, account.id, { ...notice, ...fromHere(me.session) });
    const expires = new Date(ctx.now.getTime() + mailedMs.email).toISOString();
    const value = { email: account.email, pending: email, expires_at: expires };
    return { value: done(value), events: [{ kind: 'email.asked', ...aboutMe(me), detail: { moves } }] };
  });
}

/** The letters go to whatever address somebody types: without a cap, ours would be a mail gun. */
async function isEnough(tx: Tx, ctx: Ctx, accountId: string): Promise<boolean> {
  const count = (ms: number) => mailsSince(tx, accountId, 'email_confirm', new Date(ctx.now.getTime() - ms));
  return (await count(hourMs)) >= confirmCaps.hour || (await count(24 * hourMs)) >= confirmCaps.day;
}

/** `POST /v1/email-confirmations`: one of any number at once. Links to reset that went to the old address are over. */
export async function confirmEmail(ctx: Ctx, input: LinkShown): Promise<Outcome<EmailConfirmed>> {
  const no = mayNot(ctx, { scopes: ['authenticate'], visitors: true });
  if (no) return no;
  const hash = tokenHash(input.token);
  const link = await mailedLinkFor(ctx, hash, 'email');
  const email = textIn(link?.token.detail, 'email');
  if (link === undefined || email === undefined) return linkOver();
  return ctx.act<Outcome<EmailConfirmed>>(async (tx) => {
    const account = await lockAccount(tx, link.account.id);
    if (account === undefined || account.status === 'closed') return unchanged(linkOver());
    if ((await spendToken(tx, hash, 'email', ctx.now, 'used')) === undefined) return unchanged(linkOver());
    const moved = account.email !== null && account.email !== email;
    const notice = { kind: 'email_changed', step: 'done', newAddress: email } as const;
    if (moved) await tellOwner(tx, ctx, account.id, notice, account.email ?? undefined);
    await setEmail(tx, account.id, email, ctx.now, ctx.now);
    await supersedeTokens(tx, account.id, 'reset', ctx.now);
    const source = input.source_ip === undefined ? {} : { source: input.source_ip };
    const value = { login: account.login, email, confirmed_at: ctx.now.toISOString() };
    const event = { kind: 'email.changed', accountId: account.id, ...source, detail: { moved } } as const;
    return { value: done(value), events: [event] };
  });
}
