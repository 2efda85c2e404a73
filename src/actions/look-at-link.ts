import type { MailedPurpose } from '../domain/mailed.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { tokenHash } from '../domain/token.ts';
import type { Ctx } from './context.ts';
import { linkOver, mailedLinkFor, textIn } from './steps/mailed-link.ts';
import { mayNot } from './steps/may.ts';

export interface LinkSeen {
  /** The login that it is about. */
  readonly login: string;
  /** The address that would be confirmed. */
  readonly email: string | undefined;
}

/** What the page of a mailed link shows. Nothing is spent: mail scanners and previews open every link. */
export async function lookAtLink(
  ctx: Ctx,
  token: string,
  purpose: MailedPurpose,
): Promise<Outcome<LinkSeen>> {
  const no = mayNot(ctx, { visitors: true });
  if (no) return no;
  const link = await mailedLinkFor(ctx, tokenHash(token), purpose);
  if (link === undefined) return linkOver();
  const { detail } = link.token;
  return done({ login: textIn(detail, 'login') ?? link.account.login, email: textIn(detail, 'email') });
}
