/** The detector learns from the flags that operators confirmed and dismissed; what it learned can be taken back. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { weights } from '../domain/signals/weights.ts';
import {
  type Outcome as JudgedOutcome,
  type Learned,
  learn,
  leastOfEach,
  type Offsets,
  tooFew,
} from '../domain/training.ts';
import { policyInForce } from '../store/policy.ts';
import {
  insertTraining,
  judgedFlags,
  revertTraining,
  type TrainingRow,
  trainingInForce,
} from '../store/trainings.ts';
import { type Ctx, unchanged } from './context.ts';
import { mayNot } from './steps/may.ts';

/** Those that were resolved last. */
const mostFlags = 2000;

export interface Training {
  /** Null where nothing was written. */
  readonly seq: number | null;
  readonly at: string;
  readonly trained_by: string;
  readonly confirmed: number;
  readonly dismissed: number;
  readonly before: JudgedOutcome;
  readonly after: JudgedOutcome;
  readonly offsets: Offsets;
}

/** `gatehouse detector train`: the offsets are in force with its commit. */
export async function trainDetector(ctx: Ctx, how: { readonly dryRun: boolean }): Promise<Outcome<Training>> {
  const no = mayNot(ctx, { roles: ['admin'] });
  if (no) return no;
  const judged = await judgedFlags(ctx.read, mostFlags);
  if (tooFew(judged)) {
    const confirmed = judged.filter((each) => each.confirmed).length;
    const detail = `${confirmed} confirmed and ${judged.length - confirmed} dismissed flags of messages that are kept; it takes ${leastOfEach} of each.`;
    return refuse('too_few_judged', { detail });
  }
  const { threshold } = (await policyInForce(ctx.read)).policy.messages;
  const learned = learn(judged, weights, threshold / 100);
  if (learned === undefined) return refuse('nothing_learned');
  if (how.dryRun) return done(viewOf(ctx, learned, null));
  return ctx.act<Outcome<Training>>(async (tx) => {
    const { offsets, confirmed, dismissed, before, after } = learned;
    const row = { at: ctx.now, trainedBy: ctx.actor.id, offsets, confirmed, dismissed, before, after };
    const { seq } = await insertTraining(tx, row);
    const event = { kind: 'detector.trained', detail: { seq, confirmed, dismissed, before, after } } as const;
    return { value: done(viewOf(ctx, learned, seq)), events: [event] };
  });
}

/** `gatehouse detector revert`: the one before it is in force again, or the shipped weights. */
export async function revertDetector(
  ctx: Ctx,
): Promise<Outcome<{ reverted: Training; now: Training | null }>> {
  const no = mayNot(ctx, { roles: ['admin'] });
  if (no) return no;
  const latest = await trainingInForce(ctx.read);
  if (latest === undefined) return refuse('not_found', { detail: 'The shipped weights are in force.' });
  return ctx.act<Outcome<{ reverted: Training; now: Training | null }>>(async (tx) => {
    const row = await revertTraining(tx, latest.seq, ctx.now);
    if (row === undefined) return unchanged(refuse('not_found', { detail: 'Somebody else took it back.' }));
    const next = await trainingInForce(tx);
    const now = next === undefined ? null : rowView(next);
    const event = { kind: 'detector.reverted', detail: { seq: row.seq, now: next?.seq ?? null } } as const;
    return { value: done({ reverted: rowView(row), now }), events: [event] };
  });
}

/** `gatehouse detector show`: null where the shipped weights are in force. */
export async function detectorShown(ctx: Ctx): Promise<Outcome<{ training: Training | null }>> {
  const no = mayNot(ctx, { roles: ['admin', 'support', 'auditor'] });
  if (no) return no;
  const row = await trainingInForce(ctx.read);
  return done({ training: row === undefined ? null : rowView(row) });
}

function viewOf(ctx: Ctx, learned: Learned, seq: number | null): Training {
  return { seq, at: ctx.now.toISOString(), trained_by: ctx.actor.id, ...learned };
}

function rowView(row: TrainingRow): Training {
  const { seq, at, trainedBy, confirmed, dismissed } = row;
  return {
    ...{ seq, at: at.toISOString(), trained_by: trainedBy, confirmed, dismissed },
    ...{ before: row.before as JudgedOutcome, after: row.after as JudgedOutcome },
    offsets: row.offsets as Offsets,
  };
}
