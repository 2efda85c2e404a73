/** Sends what waits in the outbox. Any node does: each takes some, under a lease that outlives the slowest server. */
import { log } from '../log.ts';
import { MailRefused } from '../mail/mail-room.ts';
import { mailsOut } from '../metrics.ts';
import { claimMails, type MailRow, mailGivenUp, mailPutOff, mailSent, sweepMails } from '../store/mails.ts';
import type { Ctx } from './context.ts';
import { readSealed } from './steps/post-letter.ts';

const atOnce = 5;
const leaseMs = 180_000;
const firstGapMs = 15_000;
const longestGapMs = 2 * 3_600_000;
const dayMs = 86_400_000;

/** A link for 30 minutes is of no use the next morning. */
const lifeMs = (kind: string) => (kind === 'reset' ? 30 * 60_000 : dayMs);

/** How long after its `tries`-th try a mail waits: 15 s, 30 s, a minute … at most two hours. */
export const retryGapMs = (tries: number) =>
  Math.min(longestGapMs, firstGapMs * 2 ** Math.min(tries - 1, 20));

/** @returns how many were taken in hand; nothing is taken where mail is off. */
export async function sendMails(ctx: Ctx): Promise<number> {
  if (ctx.house.mail.kind === 'off') return 0;
  const rows = await ctx.touch((tx) => claimMails(tx, ctx.now, leaseMs, atOnce));
  await Promise.all(rows.map((row) => sendOne(ctx, row)));
  return rows.length;
}

async function sendOne(ctx: Ctx, row: MailRow): Promise<void> {
  try {
    const mail = readSealed(ctx, row);
    await ctx.house.mail.send({ id: row.id, ...mail, at: row.createdAt });
  } catch (error) {
    await failed(ctx, row, error);
    return;
  }
  await ctx.touch((tx) => mailSent(tx, row.id, ctx.now));
  mailsOut.inc({ kind: row.kind, outcome: 'sent' });
}

async function failed(ctx: Ctx, row: MailRow, error: unknown): Promise<void> {
  const fault = (error instanceof Error ? error.message : 'failed').slice(0, 200);
  const next = new Date(ctx.now.getTime() + retryGapMs(row.tries));
  const over = next.getTime() > row.createdAt.getTime() + lifeMs(row.kind);
  log.warn({ mail: row.id, kind: row.kind, fault, tries: row.tries }, 'a mail did not go out');
  if (!over && !(error instanceof MailRefused)) {
    await ctx.touch((tx) => mailPutOff(tx, row.id, next, fault));
    return;
  }
  mailsOut.inc({ kind: row.kind, outcome: 'given_up' });
  await ctx.act(async (tx) => {
    await mailGivenUp(tx, row.id, ctx.now, fault);
    const about = row.accountId === null ? {} : { accountId: row.accountId };
    const detail = { mail: row.id, kind: row.kind, tries: row.tries, fault };
    return { value: undefined, events: [{ kind: 'mail.failed', ...about, detail }] };
  });
}

/** Forgets what was sent long ago. */
export async function sweepOutbox(ctx: Ctx): Promise<void> {
  await ctx.touch((tx) => sweepMails(tx, ctx.now));
}
