/** Tells the owner of an account by mail what matters, in the transaction that did it. */
import { capsOf, letterOf, type Notice } from '../../domain/notices/index.ts';
import { lockAccount } from '../../store/accounts.ts';
import type { Tx } from '../../store/db.ts';
import { mailsSince } from '../../store/mails.ts';
import type { Ctx } from '../context.ts';
import { mailableLink, postLetter } from './post-letter.ts';

const hourMs = 3_600_000;

/**
 * Writes the notice into the outbox. Nothing where mail is off, where the account has no address, and beyond the kind's
 * caps: events tell it all the same, and an owner who has had so many has been told. Holds the account's lock from here
 * on.
 *
 * @param to the address that is given up, instead of the account's own: only this notice brings it back, so it is
 * written beyond all caps. Else whoever uses them up first takes the mail away unseen.
 */
export async function tellOwner(
  tx: Tx,
  ctx: Ctx,
  accountId: string,
  notice: Notice,
  to?: string,
): Promise<boolean> {
  if (ctx.house.mail.kind === 'off') return false;
  const account = await lockAccount(tx, accountId);
  const address = to ?? account?.email;
  if (account === undefined || account.status === 'closed' || !address) return false;
  if (to === undefined && (await isEnough(tx, ctx, accountId, notice))) return false;
  const secureLink = await mailableLink(tx, ctx, accountId, 'secure', {
    detail: { kind: notice.kind, ...(to === undefined ? {} : { address: to }) },
  });
  const letter = letterOf(notice, { login: account.login, at: ctx.now, secureLink });
  await postLetter(tx, ctx, { account, to: address, kind: notice.kind, letter });
  return true;
}

async function isEnough(tx: Tx, ctx: Ctx, accountId: string, notice: Notice): Promise<boolean> {
  const caps = capsOf(notice);
  const since = (ms: number) =>
    mailsSince(tx, accountId, notice.kind, new Date(ctx.now.getTime() - ms)).then((count) => count);
  return (await since(hourMs)) >= caps.hour || (await since(24 * hourMs)) >= caps.day;
}
