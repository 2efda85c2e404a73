/** Writes down a judged message: flagged where it asks for a password and nothing explains it. */
import type { AuditEvent } from '../../domain/event.ts';
import type { Suspicion } from '../../domain/flag.ts';
import { signals } from '../../domain/signals/index.ts';
import type { Sketch } from '../../domain/sketch.ts';
import { idBytes, idFrom } from '../../domain/token.ts';
import { messagesJudged } from '../../metrics.ts';
import type { Tx } from '../../store/db.ts';
import { type FlagRow, flagById } from '../../store/flags.ts';
import { insertMessage, lockFlagging, type MessageRow, nearMessages } from '../../store/messages.ts';
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

export const isUnsolicited = ({ verdict, explained }: Judged): boolean =>
  verdict.verdict === 'password_request' && explained === undefined;

/** A message that a gateway handed in. */
export async function keepMessage(ctx: Ctx, judged: Judged): Promise<Kept> {
  if (isUnsolicited(judged)) {
    return ctx.act<Kept>(async (tx) => {
      const { kept, events } = await writeMessage(tx, ctx, judged, { origin: 'scan', flagged: true });
      // Dismissed before: it is kept like one that is harmless, and is no event.
      return events.length === 0 ? unchanged(kept) : { value: kept, events };
    });
  }
  const how: Written = { origin: 'scan', flagged: false };
  if (judged.policy.messages.trace_days > 0)
    return ctx.touch(async (tx) => (await writeMessage(tx, ctx, judged, how)).kept);
  countJudged(judged, undefined);
  return { messageId: newId(ctx), flagId: undefined };
}

export interface Written {
  readonly origin: 'scan' | 'report';
  readonly flagged: boolean;
}

const newId = (ctx: Ctx) => idFrom('message', ctx.house.world.random(idBytes));

/** Locks flags before accounts, as whoever resolves one does. Give the events to `act`. */
export async function writeMessage(
  tx: Tx,
  ctx: Ctx,
  judged: Judged,
  { origin, flagged }: Written,
): Promise<{ readonly kept: Kept; readonly events: readonly AuditEvent[] }> {
  const messageId = newId(ctx);
  const raised = flagged ? await flagOf(tx, ctx, judged, messageId) : undefined;
  const kept: Kept = { messageId, flagId: raised?.flagId };
  await insertMessage(tx, rowOf(ctx, judged, origin, kept));
  countJudged(judged, kept.flagId);
  return { kept, events: raised?.events ?? [] };
}

function countJudged({ judgement, verdict }: Judged, flagId: string | undefined): void {
  const flagged = String(flagId !== undefined);
  messagesJudged.inc({ medium: judgement.about.medium, verdict: verdict.verdict, flagged });
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
  const campaign = (sketch && (await knownCampaign(tx, judged, sketch))) ?? messageId;
  const from = about.sender?.domain ? ` from ${about.sender.domain}` : '';
  const asks = verdict.verdict === 'password_request' ? 'asks for a password' : 'was answered by a customer';
  return {
    kind: 'message',
    // Too few words to tell copies by: then what is kept of them is the same.
    same: [sketch === undefined ? judgement.redacted : campaign],
    score: verdict.score,
    summary: `A message (${about.medium})${from} ${asks}, and nothing explains it.`,
    ...(accounts[0] === undefined ? {} : { accountId: accounts[0].id }),
    ...(about.sender?.domain ? { source: about.sender.domain } : {}),
    evidence: { campaign, ...evidenceOf(judged) },
    restMs: dismissalRestMs,
  };
}

/**
 * The campaign of a near-duplicate, an open one first. That one was dismissed says nothing of a copy with another sender
 * or with more that speaks for a request: words stay, and where they lead to is what a forger changes.
 */
async function knownCampaign(tx: Tx, judged: Judged, sketch: Sketch): Promise<string | undefined> {
  const near = await nearMessages(tx, sketch, 'flagged');
  const seen = new Map<string, FlagRow>();
  for (const { flagId } of near) {
    const flag = flagId === null || seen.has(flagId) ? undefined : await flagById(tx, flagId);
    if (flag?.kind === 'message') seen.set(flag.id, flag);
  }
  const flagOfRow = (row: MessageRow) => (row.flagId === null ? undefined : seen.get(row.flagId));
  const among = near.filter((row) => flagOfRow(row) !== undefined);
  const match =
    among.find((row) => flagOfRow(row)?.state === 'open') ??
    among.find((row) => flagOfRow(row)?.state === 'confirmed' || saysNoMore(judged, row));
  const evidence = match && (flagOfRow(match)?.evidence as { readonly campaign?: unknown } | undefined);
  return typeof evidence?.campaign === 'string' ? evidence.campaign : undefined;
}

/** Strengths are of one reading: what differs by less is a name or a date. */
const sameStrength = 0.1;

function saysNoMore({ judgement }: Judged, row: MessageRow): boolean {
  const before = row.features as Readonly<Record<string, number>>;
  const louder = signals.some(
    ({ name, speaks }) =>
      speaks === 'for' && (judgement.features[name] ?? 0) > (before[name] ?? 0) + sameStrength,
  );
  return !louder && row.senderDomain === (judgement.about.sender?.domain || null);
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
