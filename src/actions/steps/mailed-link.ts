/** What a link from a mail stands for, while it is good. Looking at it spends nothing. */
import { type StoreName, storeNames } from '../../domain/channels/index.ts';
import type { MailedPurpose } from '../../domain/mailed.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { type AccountRow, accountById } from '../../store/accounts.ts';
import { credentialOf } from '../../store/credentials.ts';
import type { Tx } from '../../store/db.ts';
import { type MailedTokenRow, tokenGood } from '../../store/mailed-tokens.ts';
import type { Ctx } from '../context.ts';

/** Used, denied, overtaken by a newer one, run out, made up: all alike. */
export function linkOver(): { ok: false; refusal: Refusal } {
  return refuse('link_rejected', {
    detail: 'It was used, is too old, or a newer one has taken its place. Ask for another one.',
  });
}

export interface MailedLink {
  readonly token: MailedTokenRow;
  readonly account: AccountRow;
}

export async function mailedLinkFor(
  ctx: Ctx,
  hash: Buffer,
  purpose: MailedPurpose,
): Promise<MailedLink | undefined> {
  const token = await tokenGood(ctx.read, hash, purpose, ctx.now);
  const account = token && (await accountById(ctx.read, token.accountId));
  return token && account && { token, account };
}

export interface ResetLink extends MailedLink {
  /** The login whose password it sets. */
  readonly login: string;
  readonly store: StoreName;
}

export async function resetLink(ctx: Ctx, hash: Buffer): Promise<ResetLink | undefined> {
  const link = await mailedLinkFor(ctx, hash, 'reset');
  const detail = link?.token.detail;
  const login = textIn(detail, 'login');
  const store = storeNames.find((name) => name === textIn(detail, 'store'));
  return link === undefined || login === undefined || store === undefined
    ? undefined
    : { ...link, login, store };
}

/** A text of a token's detail. */
export function textIn(detail: unknown, name: string): string | undefined {
  const found: unknown =
    typeof detail === 'object' && detail !== null ? Reflect.get(detail, name) : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** Whether the login is the account's still, and nobody has shut it meanwhile. */
export async function stillThere(
  tx: Tx,
  accountId: string,
  store: StoreName,
  login: string,
): Promise<boolean> {
  const row = await credentialOf(tx, store, login);
  return row?.accountId === accountId && row.lockedAt === null;
}
