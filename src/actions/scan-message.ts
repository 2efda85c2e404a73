/** `POST /v1/messages/scan`: does a message ask for a password, and did anybody ask for the message? */

import { BodyBroken, gathered } from '../domain/body-broken.ts';
import { cleanText } from '../domain/clean-text.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { JudgingJob } from '../judging/job.ts';
import { limits } from '../protocol/mail/limits.ts';
import type { ScanAnswer, ScanQuery, ScanRequest } from '../protocol/messages.ts';
import type { Ctx } from './context.ts';
import { type Judged, judgeMessage } from './steps/judge-message.ts';
import { keepMessage } from './steps/keep-message.ts';
import { mayNot } from './steps/may.ts';

const callers = { scopes: ['messages'] } as const;

/** A ticket, a chat, a text message, the transcript of a call; mail without its headers. */
export async function scanText(ctx: Ctx, said: ScanRequest): Promise<Outcome<ScanAnswer>> {
  const no = mayNot(ctx, callers);
  if (no) return no;
  const names = said.account_login === undefined ? addressesOf(said.to) : [said.account_login];
  const at = said.at === undefined ? ctx.now : new Date(said.at);
  return scan(ctx, { said }, names, at);
}

/**
 * A raw mail (RFC 5322), up to its limit. It is read when there is room for it, as large as it is said to be, or may be
 * where nothing is said.
 */
export async function scanMail(
  ctx: Ctx,
  bytes: AsyncIterable<Uint8Array>,
  declaredBytes: number | undefined,
  { recipient, direction }: ScanQuery,
): Promise<Outcome<ScanAnswer>> {
  const no = mayNot(ctx, callers);
  if (no) return no;
  const leave = ctx.house.judging.hold(declaredBytes ?? limits.bytes);
  if (leave === undefined)
    return refuse('busy', { detail: 'Too much is being judged; try again.', retryAfterSeconds: 5 });
  try {
    const raw = await gathered(bytes);
    return await scan(ctx, { raw, direction }, recipient === undefined ? [] : [recipient], ctx.now);
  } catch (error) {
    if (error instanceof BodyBroken) return { ok: false, refusal: error.refusal };
    throw error;
  } finally {
    leave();
  }
}

async function scan(
  ctx: Ctx,
  message: JudgingJob['message'],
  names: readonly string[],
  at: Date,
): Promise<Outcome<ScanAnswer>> {
  const judged = await judgeMessage(ctx, message, names.map(cleanText), at);
  if ('refusal' in judged) return { ok: false, refusal: judged.refusal };
  const kept = await keepMessage(ctx, judged);
  if (!kept.ok) return kept;
  return done(answerOf(judged, kept.value.flagId));
}

function answerOf({ verdict, explained, tookMs }: Judged, flagId: string | undefined): ScanAnswer {
  return {
    verdict: verdict.verdict,
    solicited: explained !== undefined,
    ...(explained === undefined ? {} : { explained_by: explained }),
    score: verdict.score,
    flagged: flagId !== undefined,
    ...(flagId === undefined ? {} : { flag_id: flagId }),
    explanation: verdict.explanation,
    signals: verdict.signals.map(({ name, weight, says, evidence }) => ({
      name,
      weight,
      says,
      evidence: [...evidence],
    })),
    languages: [...verdict.languages],
    cut: [...verdict.cut],
    took_ms: Math.round(tookMs * 10) / 10,
  };
}

const addressesOf = (to: string | undefined) => to?.match(/[^\s<>,;"]+@[^\s<>,;"]+/g) ?? [];
