/** Mails a link that sets a new password, within the account's caps. */
import type { StoreName } from '../../domain/channels/index.ts';
import type { AuditEvent } from '../../domain/event.ts';
import { resetLetter, resetVerdict, resetWindowMs } from '../../domain/reset.ts';
import { mailsSlowed } from '../../store/account-effects.ts';
import { type AccountRow, accountById, accountByLogin, lockAccount } from '../../store/accounts.ts';
import { type CredentialRow, credentialsOf, loginsNamed } from '../../store/credentials.ts';
import type { Reader, Tx } from '../../store/db.ts';
import { factorsOf, hasSecondFactor } from '../../store/factors.ts';
import { latestTokens, supersedeTokens } from '../../store/mailed-tokens.ts';
import type { Ctx } from '../context.ts';
import { mailableLink, postLetter } from './post-letter.ts';

/** The login whose password a link would set. */
export interface ResetTarget {
  readonly account: AccountRow;
  readonly login: string;
  readonly store: StoreName;
}

const preferred: readonly StoreName[] = ['panel', 'ssh', 'ftp', 'mail'];
const panelFirst = (a: CredentialRow, b: CredentialRow) =>
  preferred.indexOf(a.store) - preferred.indexOf(b.store);

/** The account's own login: at the panel if it has one there, else where it has. Undefined when it has no secret. */
export async function ownLogin(reader: Reader, account: AccountRow): Promise<ResetTarget | undefined> {
  const all = (await credentialsOf(reader, account.id)).sort(panelFirst);
  const own = all.find(({ login }) => login === account.login) ?? all.find(({ store }) => store === 'panel');
  return own === undefined ? undefined : { account, login: own.login, store: own.store };
}

/** Whom a login means: the secret of that name, the panel's before others; else the account of that name. */
export async function targetNamed(reader: Reader, login: string): Promise<ResetTarget[]> {
  const [named] = (await loginsNamed(reader, login)).sort(panelFirst);
  if (named !== undefined) {
    const account = await accountById(reader, named.accountId);
    return account === undefined ? [] : [{ account, login: named.login, store: named.store }];
  }
  const account = await accountByLogin(reader, login);
  const own = account && (await ownLogin(reader, account));
  return own === undefined ? [] : [own];
}

/** What asked for it: a request, or the owner at the page of a notice. */
export interface Occasion {
  readonly row: { readonly source: string | null; readonly requestId: string };
  /** Requests from that source in the hour before. */
  readonly fromSource: number;
  /** The first to this address: those that were mailed before went to somebody else, and use up nothing. */
  readonly first?: boolean;
}

/**
 * Sends the link, or does not, and tells the audit log why. A login that came in locked stays shut: somebody shut it,
 * and a mailbox does not outrank that. Only the newest link works.
 */
export async function mailReset(
  tx: Tx,
  ctx: Ctx,
  target: ResetTarget,
  { row, fromSource, first = false }: Occasion,
): Promise<AuditEvent> {
  const { login, store } = target;
  const account = await lockAccount(tx, target.account.id);
  const about = { accountId: target.account.id, ...(row.source === null ? {} : { source: row.source }) };
  const detail = { login, store, request: row.requestId };
  const held = (outcome: string): AuditEvent => ({
    kind: 'reset.asked',
    ...about,
    detail: { ...detail, outcome },
  });
  if (account === undefined || account.status !== 'active') return held('shut');
  if (!account.email) return held('no_address');
  const secret = (await credentialsOf(tx, account.id)).find(
    (each) => each.store === store && each.login === login,
  );
  if (secret === undefined || secret.lockedAt !== null) return held('locked');
  const since = new Date(ctx.now.getTime() - resetWindowMs.account);
  const mailed = (await latestTokens(tx, account.id, 'reset', since)).map((token) => ({
    createdAt: token.createdAt,
    used: token.outcome === 'used',
  }));
  const slowed = await mailsSlowed(tx, account.id, ctx.now);
  const verdict = resetVerdict(first ? [] : mailed, fromSource, ctx.now, slowed);
  if (verdict !== 'sent') return held(verdict);
  await supersedeTokens(tx, account.id, 'reset', ctx.now);
  const link = await mailableLink(tx, ctx, account.id, 'reset', {
    detail: { login, store },
    source: row.source,
  });
  const secondFactor = hasSecondFactor(await factorsOf(tx, account.id));
  const letter = resetLetter({ login, store, source: row.source, at: ctx.now, link, secondFactor });
  await postLetter(tx, ctx, { account, to: account.email, kind: 'reset', letter });
  return { kind: 'reset.mailed', ...about, detail: { ...detail, outcome: 'sent' } };
}
