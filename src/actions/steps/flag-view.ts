/** What is shown of a flag, and to whom. */
import type { FlagKind } from '../../domain/flag.ts';
import type { Flag, FlagDetail } from '../../protocol/flags.ts';
import type { FlagEffect } from '../../store/flag-detail.ts';
import type { FlagEventRow, FlagRow } from '../../store/flags.ts';
import type { MessageRow } from '../../store/messages.ts';
import type { ReportRow } from '../../store/reports.ts';
import type { Ctx } from '../context.ts';

/** A gateway's key sees what its messages came to, and nothing of logins or of what operators wrote. */
export function kindSeen(ctx: Ctx): FlagKind | undefined {
  return ctx.principal.kind === 'client' ? 'message' : undefined;
}

export const forStaff = (ctx: Ctx) => ctx.principal.kind !== 'client';
const iso = (at: Date | null) => at?.toISOString() ?? null;
/** Stored in single precision. */
const rounded = (score: number) => Math.round(score * 1000) / 1000;

export function flagView(ctx: Ctx, row: FlagRow): Flag {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    account_id: row.accountId,
    source: row.source,
    score: rounded(row.score),
    summary: row.summary,
    count: row.count,
    first_seen_at: row.firstSeenAt.toISOString(),
    last_seen_at: row.lastSeenAt.toISOString(),
    resolved_at: iso(row.resolvedAt),
    resolved_by: row.resolvedBy,
    note: forStaff(ctx) ? row.note : null,
  };
}

/** It quotes the message. */
export function evidenceView(ctx: Ctx, row: FlagRow): FlagDetail['evidence'] {
  return forStaff(ctx) ? (row.evidence as Record<string, unknown>) : {};
}

export function historyView(ctx: Ctx, row: FlagEventRow): FlagDetail['history'][number] {
  return {
    at: row.at.toISOString(),
    what: row.what,
    actor: { kind: row.actorKind, id: row.actorId },
    note: forStaff(ctx) ? row.note : null,
    detail: row.detail as Record<string, unknown> | null,
  };
}

const figures = (row: MessageRow) => ({
  ...{ id: row.id, at: row.at.toISOString(), medium: row.medium, direction: row.direction },
  ...{ origin: row.origin, account_id: row.accountId, sender_domain: row.senderDomain },
  score: rounded(row.score),
});

export function messageView(ctx: Ctx, row: MessageRow): FlagDetail['messages'][number] {
  const text = forStaff(ctx) ? row.redacted : null;
  return { ...figures(row), expires_at: row.expiresAt.toISOString(), text };
}

export function nearView(row: MessageRow): FlagDetail['near'][number] {
  return { ...figures(row), verdict: row.verdict, solicited: row.solicited, flag_id: row.flagId };
}

export function reportView(row: ReportRow): FlagDetail['reports'][number] {
  const { id, createdAt, accountId, answered } = row;
  return { id, at: createdAt.toISOString(), account_id: accountId, answered };
}

export function effectView(row: FlagEffect): FlagDetail['effects'][number] {
  return {
    ...{ account_id: row.accountId, effect: row.effect, entered: row.entered },
    ...{ seen_at: row.seenAt.toISOString(), expires_at: row.expiresAt.toISOString() },
  };
}
