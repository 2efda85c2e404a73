/** The same message to many is one flag: copies are told by their likeness to the first, not by their words. */
import { type Suspicion, sameKey } from '../../domain/flag.ts';
import { signals } from '../../domain/signals/index.ts';
import type { Sketch } from '../../domain/sketch.ts';
import { foundCampaign, lockFounding, nearestCampaign, resolvedOfSame } from '../../store/campaigns.ts';
import type { Tx } from '../../store/db.ts';
import type { Ctx } from '../context.ts';
import type { Judged } from './judge-message.ts';

const dayMs = 86_400_000;
/** What was found to be harmless once is not shown again for so long. */
const dismissalRestMs = 30 * dayMs;
/** Resolutions of one campaign within that time that are looked at. */
const mostResolved = 50;

/** The suspicion that a message belongs to; undefined where its like was dismissed and rests. */
export async function campaignOf(
  tx: Tx,
  ctx: Ctx,
  judged: Judged,
  messageId: string,
  origin: 'scan' | 'report',
): Promise<Suspicion | undefined> {
  const { sketch, redacted } = judged.judgement;
  const campaign = sketch === undefined ? messageId : await campaignLike(tx, ctx, sketch, messageId);
  // Too few words to tell copies by: then what is kept of them is the same.
  const same = [sketch === undefined ? redacted : campaign];
  if (await rests(tx, ctx, judged, same)) return undefined;
  return suspicionOf(judged, same, { campaign, origin });
}

/** One that a copy founded before, else a new one. */
async function campaignLike(tx: Tx, ctx: Ctx, sketch: Sketch, messageId: string): Promise<string> {
  const known = await nearestCampaign(tx, sketch);
  if (known !== undefined) return known;
  await lockFounding(tx, sketch);
  const meanwhile = await nearestCampaign(tx, sketch);
  if (meanwhile !== undefined) return meanwhile;
  await foundCampaign(tx, {
    ...{ id: messageId, sameKey: sameKey({ kind: 'message', same: [messageId] }), foundedAt: ctx.now },
    ...{ sketch: [...sketch.sketch], bands: [...sketch.bands] },
  });
  return messageId;
}

/** Whether operators dismissed what says as much; what was confirmed since is flagged again. */
async function rests(tx: Tx, ctx: Ctx, judged: Judged, same: readonly string[]): Promise<boolean> {
  const since = new Date(ctx.now.getTime() - dismissalRestMs);
  const resolved = await resolvedOfSame(tx, sameKey({ kind: 'message', same }), since, mostResolved);
  const last = resolved.find(
    ({ state, evidence }) =>
      comesAlike(judged, evidence) && (state === 'confirmed' || saysNoMore(judged, evidence)),
  );
  return last?.state === 'dismissed';
}

const part = (evidence: unknown, name: string): unknown =>
  (evidence as Readonly<Record<string, unknown>> | null)?.[name];

/**
 * That one was dismissed says nothing of a copy with another sender or that leads elsewhere: words stay, and the rest a
 * forger changes. Nor of any copy where no sender is known, nor where a customer told of it: he may say what he likes.
 */
function comesAlike({ judgement }: Judged, evidence: unknown): boolean {
  const { sender, leadsTo } = judgement.about;
  return (
    part(evidence, 'origin') === 'scan' &&
    Boolean(sender?.domain) &&
    part(evidence, 'sender_domain') === sender?.domain &&
    leadsTo !== undefined &&
    part(evidence, 'leads_to') === leadsTo
  );
}

/** Strengths are of one reading: what differs by less is a name or a date. */
const sameStrength = 0.1;

function saysNoMore({ judgement }: Judged, evidence: unknown): boolean {
  const before = (part(evidence, 'strengths') ?? {}) as Readonly<Record<string, number>>;
  return !signals.some(
    ({ name, speaks }) =>
      speaks === 'for' && (judgement.features[name] ?? 0) > (before[name] ?? 0) + sameStrength,
  );
}

/** What reached several is nobody's alone. */
export const soleAccount = (accounts: Judged['accounts']): { accountId?: string } =>
  accounts[0] === undefined || accounts.length > 1 ? {} : { accountId: accounts[0].id };

function suspicionOf(
  judged: Judged,
  same: readonly string[],
  more: { readonly campaign: string; readonly origin: 'scan' | 'report' },
): Suspicion {
  const { judgement, verdict, accounts } = judged;
  const { about } = judgement;
  const from = about.sender?.domain ? ` from ${about.sender.domain}` : '';
  const asks = verdict.verdict === 'password_request' ? 'asks for a password' : 'was answered by a customer';
  return {
    kind: 'message',
    same,
    score: verdict.score,
    summary: `A message (${about.medium})${from} ${asks}, and nothing explains it.`,
    ...soleAccount(accounts),
    ...(about.sender?.domain ? { source: about.sender.domain } : {}),
    evidence: { ...more, ...evidenceOf(judged) },
  };
}

/** What operators see of it, and what a later copy is compared with. */
export function evidenceOf({ judgement, verdict }: Judged) {
  const { medium, direction, sender, leadsTo } = judgement.about;
  return {
    ...{ medium, direction, explanation: verdict.explanation, languages: verdict.languages },
    ...(sender?.domain ? { sender_domain: sender.domain } : {}),
    ...(leadsTo === undefined ? {} : { leads_to: leadsTo }),
    signals: verdict.signals.map(({ name, weight, says, evidence }) => ({ name, weight, says, evidence })),
    strengths: judgement.features,
    text: judgement.redacted,
  };
}
