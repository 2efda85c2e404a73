/** Writes down a judged message: flagged where it asks for a password and nothing explains it. */
import type { AuditEvent } from '../../domain/event.ts';
import type { Suspicion } from '../../domain/flag.ts';
import { idBytes, idFrom } from '../../domain/token.ts';
import { messagesJudged } from '../../metrics.ts';
import type { Tx } from '../../store/db.ts';
import { flagById } from '../../store/flags.ts';
import { insertMessage, lockFlagging, nearMessages } from '../../store/messages.ts';
import { type Ctx, unchanged } from '../context.ts';
import type { Judged } from './judge-message.ts';
import { raiseFlag } from './raise-flag.ts';

const dayMs = 86_400_000;
/** What was found to be harmless once is not shown again for so long. */
const dismissalRestMs = 30 * dayMs;

export interface Kept {
  readonly messageId: string;
  readonly flagId: string | undefined;
}

/** What whoever handed it in did with it, in the same transaction. */
export type Besides = (tx: Tx, kept: Kept) => Promise<readonly AuditEvent[]>;

export const isUnsolicited = ({ verdict, explained }: Judged): boolean =>
  verdict.verdict === 'password_request' && explained === undefined;

/** @param by who handed it in, as the audit log names him. */
export async function keepMessage(
  ctx: Ctx,
  judged: Judged,
  origin: 'scan' | 'report',
  besides?: Besides,
): Promise<Kept> {
  const unsolicited = isUnsolicited(judged);
  const { medium } = judged.judgement.about;
  const traced = judged.policy.messages.trace_days > 0;
  const messageId = idFrom('message', ctx.house.world.random(idBytes));
  let kept: Kept = { messageId, flagId: undefined };
  if (unsolicited || besides !== undefined) {
    kept = await ctx.act<Kept>(async (tx) => {
      const raised = unsolicited ? await flagOf(tx, ctx, judged, messageId) : undefined;
      const done: Kept = { messageId, flagId: raised?.flagId };
      await insertMessage(tx, rowOf(ctx, judged, origin, done));
      const events = [...(raised?.events ?? []), ...((await besides?.(tx, done)) ?? [])];
      // Dismissed before: it is kept like one that is harmless, and is no event.
      return events.length === 0 ? unchanged(done) : { value: done, events };
    });
  } else if (traced) {
    await ctx.touch((tx) => insertMessage(tx, rowOf(ctx, judged, origin, kept)));
  }
  const flagged = String(kept.flagId !== undefined);
  messagesJudged.inc({ medium, verdict: judged.verdict.verdict, flagged });
  return kept;
}

function rowOf(ctx: Ctx, judged: Judged, origin: 'scan' | 'report', { messageId, flagId }: Kept) {
  const { judgement, verdict, accounts, explained, policy } = judged;
  const { keep_days, trace_days } = policy.messages;
  const flagged = flagId !== undefined;
  const days = flagged ? keep_days : Math.max(1, trace_days);
  return {
    ...{ id: messageId, at: ctx.now, origin, flagged, flagId: flagId ?? null },
    ...{ medium: judgement.about.medium, direction: judgement.about.direction },
    accountId: accounts[0]?.id ?? null,
    senderDomain: judgement.about.sender?.domain || null,
    ...{ verdict: verdict.verdict, score: verdict.score, solicited: explained !== undefined },
    features: judgement.features,
    sketch: judgement.sketch === undefined ? null : [...judgement.sketch.sketch],
    bands: judgement.sketch === undefined ? null : [...judgement.sketch.bands],
    redacted: flagged ? judgement.redacted : null,
    expiresAt: new Date(ctx.now.getTime() + days * dayMs),
  };
}

async function flagOf(tx: Tx, ctx: Ctx, judged: Judged, messageId: string) {
  await lockFlagging(tx);
  const suspicion =
    judged.judgement.about.direction === 'outbound'
      ? staffRequest(ctx, judged)
      : await campaignOf(tx, judged, messageId);
  const raised = await raiseFlag(tx, ctx, suspicion);
  const refused = judged.judgement.about.direction === 'outbound' ? [refusedEvent(ctx, judged)] : [];
  if (raised === undefined) return { flagId: undefined, events: refused };
  return { flagId: raised.flag.id, events: [...raised.events, ...refused] };
}

function evidenceOf({ judgement, verdict }: Judged) {
  const { medium, direction, sender } = judgement.about;
  return {
    ...{ medium, direction, explanation: verdict.explanation, languages: verdict.languages },
    ...(sender?.domain ? { sender_domain: sender.domain } : {}),
    signals: verdict.signals.map(({ name, weight, says, evidence }) => ({ name, weight, says, evidence })),
    text: judgement.redacted,
  };
}

/** The same message to many is one flag: copies are told by their likeness, not by their words. */
async function campaignOf(tx: Tx, judged: Judged, messageId: string): Promise<Suspicion> {
  const { judgement, verdict, accounts } = judged;
  const { sketch, about } = judgement;
  const [near] = sketch === undefined ? [] : await nearMessages(tx, sketch, 'flagged');
  const flag = near?.flagId ? await flagById(tx, near.flagId) : undefined;
  const known = (flag?.evidence as { readonly campaign?: unknown } | undefined)?.campaign;
  const campaign = typeof known === 'string' ? known : messageId;
  const from = about.sender?.domain ? ` from ${about.sender.domain}` : '';
  return {
    kind: 'message',
    same: [campaign],
    score: verdict.score,
    summary: `A message (${about.medium})${from} asks for a password, and nothing explains it.`,
    ...(accounts[0] === undefined ? {} : { accountId: accounts[0].id }),
    ...(about.sender?.domain ? { source: about.sender.domain } : {}),
    evidence: { campaign, ...evidenceOf(judged) },
    restMs: dismissalRestMs,
  };
}

/** In whose name: the address that it is from, or whoever handed it in. */
const staffOf = (ctx: Ctx, { judgement }: Judged) =>
  judgement.about.sender?.address.toLowerCase() || ctx.actor.id;

function staffRequest(ctx: Ctx, judged: Judged): Suspicion {
  const by = staffOf(ctx, judged);
  return {
    kind: 'staff_request',
    // As domain/patterns/staff-request has it: one flag for both.
    same: [by],
    score: judged.verdict.score,
    summary: `${by} asks a customer for a password (${judged.judgement.about.medium}).`,
    ...(judged.accounts[0] === undefined ? {} : { accountId: judged.accounts[0].id }),
    evidence: { by, ...evidenceOf(judged) },
  };
}

function refusedEvent(ctx: Ctx, judged: Judged): AuditEvent {
  const detail = { by: staffOf(ctx, judged), medium: judged.judgement.about.medium };
  const account = judged.accounts[0];
  return { kind: 'message.refused', ...(account === undefined ? {} : { accountId: account.id }), detail };
}
