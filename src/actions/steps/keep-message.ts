/** Writes down a judged message: flagged where it asks for a password and nothing explains it. */
import type { AuditEvent } from '../../domain/event.ts';
import type { Suspicion } from '../../domain/flag.ts';
import { done, type Outcome, refuse } from '../../domain/refusal.ts';
import { idBytes, idFrom } from '../../domain/token.ts';
import { messagesJudged } from '../../metrics.ts';
import type { Tx } from '../../store/db.ts';
import { insertMessages } from '../../store/messages.ts';
import { type Ctx, unchanged } from '../context.ts';
import { campaignOf, evidenceOf, soleAccount } from './campaign.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { Judged } from './judge-message.ts';
import { raiseFlag } from './raise-flag.ts';

const dayMs = 86_400_000;

/** Copies of one message wait for each other, each with a connection: most of the pool is for logins. */
export const writingMessages = fewAtOnce(4, 256);

export interface Kept {
  readonly messageId: string;
  readonly flagId: string | undefined;
}

export const isUnsolicited = ({ verdict, explained }: Judged): boolean =>
  verdict.verdict === 'password_request' && explained === undefined;

/** A message that a gateway handed in. */
export async function keepMessage(ctx: Ctx, judged: Judged): Promise<Outcome<Kept>> {
  const kept = writingMessages(() => keep(ctx, judged));
  return kept === undefined ? refuse('busy', { retryAfterSeconds: 5 }) : done(await kept);
}

async function keep(ctx: Ctx, judged: Judged): Promise<Kept> {
  const kept =
    (isUnsolicited(judged) ? await flagged(ctx, judged) : undefined) ?? (await traced(ctx, judged));
  countJudged(judged, kept.flagId);
  return kept;
}

/** Undefined where its like was dismissed and rests: then it is kept like one that is harmless. */
function flagged(ctx: Ctx, judged: Judged): Promise<Kept | undefined> {
  return ctx.act<Kept | undefined>(async (tx) => {
    const { kept, events } = await writeMessage(tx, ctx, judged, { origin: 'scan', flagged: true });
    return events.length === 0 ? unchanged(undefined) : { value: kept, events };
  });
}

async function traced(ctx: Ctx, judged: Judged): Promise<Kept> {
  if (judged.policy.messages.trace_days === 0) return { messageId: newId(ctx), flagId: undefined };
  const how: Written = { origin: 'scan', flagged: false };
  return ctx.touch(async (tx) => (await writeMessage(tx, ctx, judged, how)).kept);
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
  const raised = flagged ? await flagOf(tx, ctx, judged, messageId, origin) : undefined;
  const kept: Kept = { messageId, flagId: raised?.flagId };
  await insertMessages(tx, rowsOf(ctx, judged, origin, kept));
  return { kept, events: raised?.events ?? [] };
}

/** Once it is written: a transaction may be undone, or done again. */
export function countJudged({ judgement, verdict }: Judged, flagId: string | undefined): void {
  const flagged = String(flagId !== undefined);
  messagesJudged.inc({ medium: judgement.about.medium, verdict: verdict.verdict, flagged });
}

/** One for each account that it is for, so that each finds it; the first has the message's id. */
function rowsOf(ctx: Ctx, judged: Judged, origin: 'scan' | 'report', { messageId, flagId }: Kept) {
  const { judgement, verdict, accounts, explained, policy } = judged;
  const { keep_days, trace_days } = policy.messages;
  const flagged = flagId !== undefined;
  const days = flagged ? keep_days : Math.max(1, trace_days);
  const row = {
    ...{ at: ctx.now, origin, flagged, flagId: flagId ?? null },
    ...{ medium: judgement.about.medium, direction: judgement.about.direction },
    senderDomain: judgement.about.sender?.domain || null,
    ...{ verdict: verdict.verdict, score: verdict.score, solicited: explained !== undefined },
    features: judgement.features,
    sketch: judgement.sketch === undefined ? null : [...judgement.sketch.sketch],
    bands: judgement.sketch === undefined ? null : [...judgement.sketch.bands],
    redacted: flagged ? judgement.redacted : null,
    expiresAt: new Date(ctx.now.getTime() + days * dayMs),
  };
  // In one order, so that two messages to the same accounts never wait for each other in a ring.
  const ids = accounts.map(({ id }) => id).sort();
  return (ids.length === 0 ? [null] : ids).map((accountId, n) => ({
    ...{ ...row, accountId, id: n === 0 ? messageId : newId(ctx) },
  }));
}

async function flagOf(tx: Tx, ctx: Ctx, judged: Judged, messageId: string, origin: Written['origin']) {
  const ours = judged.judgement.about.direction === 'outbound';
  const suspicion = ours ? staffRequest(ctx, judged) : await campaignOf(tx, ctx, judged, messageId, origin);
  const raised = suspicion === undefined ? undefined : await raiseFlag(tx, ctx, suspicion);
  const refused = ours ? [refusedEvent(ctx, judged)] : [];
  if (raised === undefined) return { flagId: undefined, events: refused };
  return { flagId: raised.flag.id, events: [...raised.events, ...refused] };
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
    ...soleAccount(judged.accounts),
    evidence: { by, ...evidenceOf(judged) },
  };
}

function refusedEvent(ctx: Ctx, judged: Judged): AuditEvent {
  const detail = { by: staffOf(ctx, judged), medium: judged.judgement.about.medium };
  const account = judged.accounts[0];
  return { kind: 'message.refused', ...(account === undefined ? {} : { accountId: account.id }), detail };
}
