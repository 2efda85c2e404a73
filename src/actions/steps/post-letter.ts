/** Writes a mail in the transaction that it tells of; a job sends it (`actions/send-mails`). */
import { type MailedPurpose, mailedLink, mailedMs, mailedToken, mailText } from '../../domain/mailed.ts';
import type { Letter } from '../../domain/notices/notice.ts';
import { ownMailDigest } from '../../domain/own-mail.ts';
import { idBytes, idFrom, tokenBytes, tokenHash } from '../../domain/token.ts';
import type { AccountRow } from '../../store/accounts.ts';
import type { Tx } from '../../store/db.ts';
import { insertMailedToken } from '../../store/mailed-tokens.ts';
import { insertMail, type MailRow } from '../../store/mails.ts';
import type { Ctx } from '../context.ts';

/** What is sealed for the way: nobody who reads the table finds a link that works. */
export interface SealedMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

const sealedMail = (id: string) => `mail:${id}`;

/** The mail of an outbox row. @throws when it is gone, or was sealed for another row. */
export function readSealed(ctx: Ctx, row: Pick<MailRow, 'id' | 'sealed'>): SealedMail {
  if (row.sealed === null) throw new Error('nothing is left to send');
  return JSON.parse(ctx.house.sealer.open(sealedMail(row.id), row.sealed).toString());
}

interface Addressed {
  readonly account: Pick<AccountRow, 'id' | 'login'>;
  readonly to: string;
  readonly kind: string;
  readonly letter: Letter;
}

export async function postLetter(tx: Tx, ctx: Ctx, { account, to, kind, letter }: Addressed): Promise<void> {
  const text = mailText(letter, `the owner of ${account.login}`, ctx.house.origin);
  await postMail(tx, ctx, account.id, kind, { to, subject: letter.subject, text });
}

/** @param accountId null for what is no customer's. */
export async function postMail(
  tx: Tx,
  ctx: Ctx,
  accountId: string | null,
  kind: string,
  mail: SealedMail,
): Promise<void> {
  const { world, sealer } = ctx.house;
  const id = idFrom('mail', world.random(idBytes));
  const sealed = sealer.seal(sealedMail(id), Buffer.from(JSON.stringify(mail)));
  const textDigest = ownMailDigest(mail.subject, mail.text);
  await insertMail(tx, { id, accountId, kind, sealed, textDigest, createdAt: ctx.now });
}

interface TokenFacts {
  readonly detail?: Record<string, unknown>;
  readonly source?: string | null;
}

async function tokenOf(
  tx: Tx,
  ctx: Ctx,
  accountId: string,
  purpose: MailedPurpose,
  more: TokenFacts,
): Promise<string> {
  const token = mailedToken(ctx.house.world.random(tokenBytes));
  await insertMailedToken(tx, {
    tokenHash: tokenHash(token),
    purpose,
    accountId,
    detail: more.detail ?? null,
    source: more.source ?? null,
    createdAt: ctx.now,
    expiresAt: new Date(ctx.now.getTime() + mailedMs[purpose]),
  });
  return token;
}

/** Makes a token that is good for one purpose, and the link that carries it. Only its hash is kept. */
export async function mailableLink(
  tx: Tx,
  ctx: Ctx,
  accountId: string,
  purpose: MailedPurpose,
  more: TokenFacts = {},
): Promise<string> {
  return mailedLink(ctx.house.origin, purpose, await tokenOf(tx, ctx, accountId, purpose, more));
}

/** A token for the page that ends all sessions, for somebody who has just shown a link of this account. */
export function securingToken(
  tx: Tx,
  ctx: Ctx,
  accountId: string,
  detail: Record<string, unknown>,
): Promise<string> {
  return tokenOf(tx, ctx, accountId, 'secure', { detail });
}
