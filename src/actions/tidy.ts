/** What runs by the clock on the records: nothing here decides anything, it writes down what already holds. */
import type { AuditEvent } from '../domain/event.ts';
import { sweepAttempts } from '../store/attempts.ts';
import { sweepChallenges } from '../store/challenges.ts';
import { sweepContactRows } from '../store/contacts.ts';
import { sweepKeys } from '../store/idempotency.ts';
import { sweepMessageRows } from '../store/messages.ts';
import { openCutoffs, retireCutoff, tidyCutoff } from '../store/orders.ts';
import { policyInForce } from '../store/policy.ts';
import { type Expired, sweepExpired } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';
import { doorGraceMs } from './steps/grace.ts';
import { tidyDoors } from './steps/tidy-doors.ts';

const cutoffBatch = 5000;
const sweepBatch = 1000;
const challengeBatch = 5000;
const messageBatch = 2000;
/** A contact that is over explains for a while what was said in it. */
const contactKeptMs = 30 * 86_400_000;

/** Ends the rows that bulk logoffs mean, batch by batch, and retires the cut-offs that are through. */
export async function tidyCutoffs(ctx: Ctx): Promise<number> {
  let tidied = 0;
  for (const cutoff of await openCutoffs(ctx.read)) {
    await tidyDoors(ctx, cutoff);
    for (let reached = cutoffBatch; reached === cutoffBatch; tidied += reached) {
      reached = await ctx.touch((tx) => tidyCutoff(tx, cutoff, 'tokens', cutoffBatch));
    }
    // Undone where it must wait: a spoilt transaction cannot be committed.
    await ctx.touch(async (tx) => ((await retireCutoff(tx, cutoff)) ? true : unchanged(false)));
  }
  return tidied;
}

/** Writes down the sessions whose clock ran out. */
export async function sweepSessions(ctx: Ctx): Promise<number> {
  const { policy } = await policyInForce(ctx.read);
  let swept = 0;
  for (let reached = sweepBatch; reached === sweepBatch; swept += reached) {
    const some = { quiet: sweepBatch, graceMs: doorGraceMs };
    reached = await ctx.act(async (tx) => {
      const over = await sweepExpired(tx, policy, ctx.now, some);
      return over.length === 0 ? unchanged(0) : { value: over.length, events: over.map(expiry) };
    });
  }
  return swept;
}

function expiry({ id, accountId, reason }: Expired): AuditEvent {
  return { kind: 'session.expired', accountId, sessionId: id, detail: { reason } };
}

/** Forgets counters of guesses that nothing touched for long. */
export async function sweepGuesses(ctx: Ctx): Promise<number> {
  return ctx.touch((tx) => sweepAttempts(tx, ctx.now));
}

/** Forgets challenges that are over: all of them, for any visitor of a panel can have one made. */
export async function sweepHalfLogins(ctx: Ctx): Promise<number> {
  let swept = 0;
  for (let reached = challengeBatch; reached === challengeBatch; swept += reached) {
    reached = await ctx.touch((tx) => sweepChallenges(tx, ctx.now, challengeBatch));
  }
  return swept;
}

/** Forgets answers kept for repeated requests, after their day. */
export async function sweepAnswers(ctx: Ctx): Promise<void> {
  await ctx.touch((tx) => sweepKeys(tx, ctx.now));
}

/** Forgets judged messages whose time is over, and announced contacts a month after theirs. */
export async function sweepMessages(ctx: Ctx): Promise<number> {
  let swept = 0;
  for (let reached = messageBatch; reached === messageBatch; swept += reached) {
    reached = await ctx.touch((tx) => sweepMessageRows(tx, ctx.now, messageBatch));
  }
  await ctx.touch((tx) => sweepContactRows(tx, new Date(ctx.now.getTime() - contactKeptMs)));
  return swept;
}
