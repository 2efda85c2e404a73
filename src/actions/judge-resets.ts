/** Judges the resets that were asked for, and writes the mails. Run by a job: nobody who asked waits for it. */
import type { AuditEvent } from '../domain/event.ts';
import { resetWindowMs, severalLetter } from '../domain/reset.ts';
import { accountsByEmail } from '../store/accounts.ts';
import type { Tx } from '../store/db.ts';
import { sweepMailedTokens } from '../store/mailed-tokens.ts';
import { mailsSince } from '../store/mails.ts';
import { sweepPrevious } from '../store/previous-passwords.ts';
import {
  type ResetRequestRow,
  requestsFrom,
  resetHandled,
  sweepResetRequests,
  takeResetRequest,
} from '../store/reset-requests.ts';
import { type Ctx, unchanged } from './context.ts';
import { mailReset, ownLogin, type ResetTarget, targetNamed } from './steps/mail-reset.ts';
import { postLetter } from './steps/post-letter.ts';

const atOnce = 50;
/** A link for 30 minutes, asked for longer ago than this, surprises more than it helps. */
const staleMs = 30 * 60_000;
/** So many accounts of one address get a mail each; more get one mail that asks which. */
const mailsOfAddress = 5;

/** @returns how many were judged; none where mail is off. */
export async function judgeResets(ctx: Ctx): Promise<number> {
  if (ctx.house.mail.kind === 'off') return 0;
  for (let judged = 0; judged < atOnce; judged++) {
    const events = await ctx.act(async (tx) => {
      const row = await takeResetRequest(tx);
      if (row === undefined) return unchanged(undefined);
      const made = await judge(tx, ctx, row);
      const outcome = String(made[0]?.detail?.outcome ?? 'unknown');
      await resetHandled(tx, row.id, ctx.now, outcome);
      return { value: made, events: made };
    });
    if (events === undefined) return judged;
  }
  return atOnce;
}

async function judge(tx: Tx, ctx: Ctx, row: ResetRequestRow): Promise<AuditEvent[]> {
  const [, by = '', name = ''] = /^(login|email):(.*)$/s.exec(row.named) ?? [];
  const unheard = (outcome: string): AuditEvent[] => {
    const source = row.source === null ? {} : { source: row.source };
    return [{ kind: 'reset.asked', ...source, detail: { outcome, by, name, request: row.requestId } }];
  };
  if (ctx.now.getTime() - row.createdAt.getTime() > staleMs) return unheard('stale');
  const since = new Date(row.createdAt.getTime() - resetWindowMs.source);
  const fromSource = row.source === null ? 0 : await requestsFrom(tx, row.source, since, row.id);
  const targets = by === 'login' ? await targetNamed(tx, name) : await targetsAt(tx, ctx, name);
  if (targets === 'several') return unheard('several');
  if (targets.length === 0) return unheard('unknown');
  const events: AuditEvent[] = [];
  for (const target of targets) events.push(await mailReset(tx, ctx, target, { row, fromSource }));
  return events;
}

/** Each account of the address, by its own login. The mail goes to the address as the account has it. */
async function targetsAt(tx: Tx, ctx: Ctx, email: string): Promise<ResetTarget[] | 'several'> {
  const accounts = await accountsByEmail(tx, email, 20);
  const [first] = accounts;
  if (first?.email == null || accounts.length <= mailsOfAddress) {
    const targets = await Promise.all(accounts.map((account) => ownLogin(tx, account)));
    return targets.filter((target) => target !== undefined);
  }
  const hour = new Date(ctx.now.getTime() - 3_600_000);
  if ((await mailsSince(tx, first.id, 'reset_which', hour)) >= 3) return 'several';
  const letter = severalLetter(accounts.map((each) => each.login).sort(), ctx.now);
  await postLetter(tx, ctx, { account: first, to: first.email, kind: 'reset_which', letter });
  return 'several';
}

/** Forgets requests, links and replaced passwords when their time is over. */
export async function sweepResets(ctx: Ctx): Promise<void> {
  await ctx.touch(async (tx) => {
    await sweepResetRequests(tx, ctx.now);
    await sweepMailedTokens(tx, ctx.now);
    await sweepPrevious(tx, ctx.now);
  });
}
