/** A mailed link sets a new password: once, and it opens nothing. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { tokenHash } from '../domain/token.ts';
import type { ResetConfirmation, ResetDone } from '../protocol/recovery.ts';
import { lockAccount } from '../store/accounts.ts';
import type { Tx } from '../store/db.ts';
import { factorsOf, hasSecondFactor } from '../store/factors.ts';
import { spendToken } from '../store/mailed-tokens.ts';
import { countProof, uncountProof } from '../store/proofs.ts';
import { type Ctx, unchanged } from './context.ts';
import { endAccountSessions } from './steps/end-account.ts';
import { linkOver, type ResetLink, resetLink, stillThere } from './steps/mailed-link.ts';
import { mayNot } from './steps/may.ts';
import { newSecret, putSecret, type Secret, secretEvents } from './steps/new-secret.ts';
import { notSoSoon } from './steps/recovery-separation.ts';
import { tellOwner } from './steps/tell-owner.ts';

/**
 * Passwords that a link may be shown with. Each is weighed and hashed before the link is spent: with a link of his own
 * somebody could keep the hash threads from everybody else.
 */
const mostTries = 40;

/**
 * `POST /v1/password-resets/confirm` (contract section 9). A password that is refused leaves the link good. One of any
 * number of parallel uses wins. Every session of the account ends, on every store; none is opened; a second factor
 * stays, and so do its counters of guesses (ASVS 5.0 6.4.3, 7.4.3).
 */
export async function confirmReset(ctx: Ctx, input: ResetConfirmation): Promise<Outcome<ResetDone>> {
  const no = mayNot(ctx, { scopes: ['authenticate'], visitors: true });
  if (no) return no;
  const hash = tokenHash(input.token);
  const link = await resetLink(ctx, hash);
  if (link === undefined) return linkOver();
  const tries = `reset:${hash.toString('hex')}`;
  if ((await ctx.touch((tx) => countProof(tx, tries, ctx.now))) > mostTries) return linkOver();
  const made = await newSecret(ctx, input.new_password, link, 'new_password');
  if (!made.ok) {
    if (made.refusal.refused === 'busy') await ctx.touch((tx) => uncountProof(tx, tries));
    return made;
  }
  return ctx.act<Outcome<ResetDone>>((tx) => use(tx, ctx, hash, link, made.value, input.source_ip));
}

async function use(
  tx: Tx,
  ctx: Ctx,
  hash: Buffer,
  { account, store, login }: ResetLink,
  secret: Secret,
  source: string | undefined,
) {
  // The account first, as everybody does who locks more than one row.
  const owner = await lockAccount(tx, account.id);
  if (owner?.status !== 'active' || !(await stillThere(tx, owner.id, store, login)))
    return unchanged(linkOver());
  const soon = await notSoSoon(tx, ctx, owner.id, 'password');
  if (soon) return unchanged(soon);
  if ((await spendToken(tx, hash, 'reset', ctx.now, 'used')) === undefined) return unchanged(linkOver());
  // Before the password: what the database ends by itself has no order, and no receipts.
  const reason = 'the password was reset';
  const { orderId, ended } = await endAccountSessions(tx, ctx, owner.id, reason, 'credential_changed');
  const put = await putSecret(tx, ctx, { accountId: owner.id, store, login }, secret);
  if (put === undefined) return unchanged(refuse('not_found'));
  await tellOwner(tx, ctx, owner.id, { kind: 'password_changed', login, store, by: 'reset', source });
  const from = { orderId, ...(source === undefined ? {} : { source }) };
  const [event, ...others] = secretEvents('reset.used', put.row, secret);
  const events = event === undefined ? [] : [{ ...event, ...from }, ...others];
  const secondFactor = hasSecondFactor(await factorsOf(tx, owner.id));
  return { value: done({ login, store, second_factor: secondFactor, sessions_ended: ended }), events };
}
