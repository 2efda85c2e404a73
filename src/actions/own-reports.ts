/** A customer reports a call or message: judged and flagged as a gateway's are, and answered with what to do now. */
import type { AuditEvent } from '../domain/event.ts';
import { done, type Outcome, type Refusal, refuse } from '../domain/refusal.ts';
import { adviceOn, mostReports, reportWindowMs } from '../domain/report.ts';
import type { SessionFacts } from '../domain/session.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import type { NewReport, OwnReports, ReportMade } from '../protocol/reports.ts';
import { accountById } from '../store/accounts.ts';
import type { Reader, Tx } from '../store/db.ts';
import { insertReport, reportsOf, reportTimes } from '../store/reports.ts';
import { type Ctx, unchanged } from './context.ts';
import { cursorOf, placeOf } from './steps/cursor.ts';
import { type Judged, judgeMessage } from './steps/judge-message.ts';
import { countJudged, isUnsolicited, writeMessage, writingMessages } from './steps/keep-message.ts';
import { aboutMe, type Me, ownerSession, stillMe } from './steps/own-change.ts';
import { raiseRisk } from './steps/raise-risk.ts';

const dayMs = 86_400_000;

/** `POST /v1/me/reports` */
export async function reportMessage(ctx: Ctx, said: NewReport): Promise<Outcome<ReportMade>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const { accountId } = owner.value;
  // Before anything is judged, and again where they are counted.
  const early = await tooMany(ctx, ctx.read, accountId);
  if (early) return early;
  const account = await accountById(ctx.read, accountId);
  if (account === undefined) return refuse('not_authenticated');
  const { answered: _, at, ...message } = said;
  const names = account.email === null ? [] : [account.email];
  const when = at === undefined ? ctx.now : new Date(at);
  const plain = { said: { ...message, direction: 'inbound' as const } };
  const judged = await judgeMessage(ctx, plain, names, when, account);
  if ('refusal' in judged) return { ok: false, refusal: judged.refusal };
  const written = writingMessages(() => write(ctx, owner.value, said, judged));
  return written ?? refuse('busy', { retryAfterSeconds: 5 });
}

async function write(
  ctx: Ctx,
  owner: SessionFacts,
  said: NewReport,
  judged: Judged,
): Promise<Outcome<ReportMade>> {
  const { accountId } = owner;
  const { answered } = said;
  let raised: string | undefined;
  const made = await ctx.act<Outcome<ReportMade>>(async (tx) => {
    const flagged = isUnsolicited(judged) || (answered && judged.explained === undefined);
    const { kept, events } = await writeMessage(tx, ctx, judged, { origin: 'report', flagged });
    const me = await stillMe(tx, ctx, owner);
    if ('refusal' in me) return unchanged(me);
    const late = await tooMany(ctx, tx, accountId);
    if (late) return unchanged(late);
    const id = idFrom('report', ctx.house.world.random(idBytes));
    const { messageId, flagId } = kept;
    raised = flagId;
    const { medium } = said;
    const { verdict } = judged.verdict;
    await insertReport(tx, {
      ...{ id, accountId, messageId, flagId: flagId ?? null, medium, verdict, answered, createdAt: ctx.now },
      expiresAt: new Date(ctx.now.getTime() + judged.policy.messages.keep_days * dayMs),
    });
    const risk = answered ? await raiseRisk(tx, ctx, 'report', flagId, [accountId]) : [];
    return {
      value: done(answerOf(id, said, judged, risk.length > 0)),
      events: [...events, madeEvent(me, id, said, judged, flagId), ...risk],
    };
  });
  if (made.ok) countJudged(judged, raised);
  return made;
}

/** A refusal where an account has made as many as it may; exact under the account's lock. */
async function tooMany(
  ctx: Ctx,
  reader: Reader | Tx,
  accountId: string,
): Promise<{ ok: false; refusal: Refusal } | undefined> {
  const since = new Date(ctx.now.getTime() - reportWindowMs);
  const times = await reportTimes(reader, accountId, since, mostReports);
  const first = times[mostReports - 1];
  if (first === undefined) return undefined;
  const retryAfterSeconds = Math.ceil((first.getTime() - since.getTime()) / 1000);
  const detail = `${mostReports} reports within a day are read; for more, write to the staff.`;
  return refuse('too_many', { detail, retryAfterSeconds: Math.max(1, retryAfterSeconds) });
}

function madeEvent(
  me: Me,
  id: string,
  { medium, answered }: NewReport,
  { verdict, explained }: Judged,
  flagId: string | undefined,
): AuditEvent {
  const flag = flagId === undefined ? {} : { flag: flagId };
  const solicited = explained !== undefined;
  const detail = { id, medium, verdict: verdict.verdict, solicited, answered, ...flag };
  return { kind: 'report.made', ...aboutMe(me), detail };
}

function answerOf(
  id: string,
  { medium, answered }: NewReport,
  { verdict, explained }: Judged,
  held: boolean,
): ReportMade {
  const asks = verdict.verdict === 'password_request';
  const mayBeOut = answered || (asks && explained === undefined);
  return {
    ...{ report_id: id, verdict: verdict.verdict, solicited: explained !== undefined },
    advice: adviceOn({ medium, asks, explained, answered, held }),
    next: mayBeOut
      ? [
          { do: 'change_password', method: 'POST', path: '/v1/me/password' },
          { do: 'end_sessions', method: 'POST', path: '/v1/me/sessions/end' },
        ]
      : [],
  };
}

/** `GET /v1/me/reports`, newest first. */
export async function listOwnReports(
  ctx: Ctx,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Outcome<OwnReports>> {
  const owner = ownerSession(ctx);
  if (!owner.ok) return owner;
  const before = placeOf(query.cursor);
  if (!before.ok) return before;
  const page = { limit: query.limit + 1, before: before.value };
  const found = await reportsOf(ctx.read, owner.value.accountId, page);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return done({
    items: items.map(({ id, medium, verdict, answered, createdAt, state }) => ({
      ...{ id, medium, verdict, answered, made_at: createdAt.toISOString(), state },
    })),
    next_cursor: found.length > query.limit && last !== undefined ? cursorOf(last.seq) : null,
  });
}
