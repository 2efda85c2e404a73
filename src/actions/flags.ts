/** Flags as they are looked at: by all operators, and by gateways that scan messages. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { FlagDetail, FlagList, FlagQuery } from '../protocol/flags.ts';
import type { Reader } from '../store/db.ts';
import { effectsOfFlag, reachOfFlag } from '../store/flag-detail.ts';
import { flagById, flagHistory, listFlags } from '../store/flags.ts';
import { type MessageRow, messagesOfFlag, nearMessages } from '../store/messages.ts';
import { reportsOfFlag } from '../store/reports.ts';
import type { Ctx } from './context.ts';
import { cursorOf, placeOf } from './steps/cursor.ts';
import {
  effectView,
  evidenceView,
  flagView,
  forStaff,
  historyView,
  kindSeen,
  messageView,
  nearView,
  reportView,
} from './steps/flag-view.ts';
import { mayNot } from './steps/may.ts';

/** What of each is shown with a flag. */
const shown = 100;

const mayNotLook = (ctx: Ctx) =>
  mayNot(ctx, { scopes: ['messages'], roles: ['admin', 'support', 'auditor'] });

/** `GET /v1/flags`, newest first. */
export async function flagsListed(ctx: Ctx, query: FlagQuery): Promise<Outcome<FlagList>> {
  const no = mayNotLook(ctx);
  if (no) return no;
  const only = kindSeen(ctx);
  const kind = query.kind ?? only;
  if (only !== undefined && kind !== only) return refuse('not_allowed');
  const place = placeOf(query.cursor);
  if (!place.ok) return place;
  const filter = { state: query.state, kind, accountId: query.account_id };
  const found = await listFlags(ctx.read, filter, { limit: query.limit + 1, before: place.value });
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return done({
    items: items.map((row) => flagView(ctx, row)),
    next_cursor: found.length > query.limit && last !== undefined ? cursorOf(last.seq) : null,
  });
}

/** `GET /v1/flags/{id}` */
export async function readFlag(ctx: Ctx, id: string): Promise<Outcome<FlagDetail>> {
  const no = mayNotLook(ctx);
  if (no) return no;
  const row = await flagById(ctx.read, id);
  const only = kindSeen(ctx);
  if (row === undefined || (only !== undefined && row.kind !== only)) return refuse('not_found');
  const [history, messages, reach, reports, effects] = await Promise.all([
    flagHistory(ctx.read, id),
    messagesOfFlag(ctx.read, id, shown),
    reachOfFlag(ctx.read, id),
    reportsOfFlag(ctx.read, id, shown),
    effectsOfFlag(ctx.read, id, ctx.now, shown),
  ]);
  const staff = forStaff(ctx);
  const near = staff ? await nearDuplicates(ctx.read, id, messages) : [];
  return done({
    ...flagView(ctx, row),
    evidence: evidenceView(ctx, row),
    history: history.map((each) => historyView(ctx, each)),
    messages: messages.map((each) => messageView(ctx, each)),
    messages_total: reach.messages,
    accounts_total: reach.accounts,
    // Whose password may be out is nothing for a gateway.
    reports: staff ? reports.map(reportView) : [],
    near: near.map(nearView),
    effects: staff ? effects.map(effectView) : [],
  });
}

/** Copies of a campaign differ little: so many of it are looked for. */
const looked = 3;

/** The same message elsewhere, newest first: judged milder, explained there, or flagged before. */
async function nearDuplicates(
  reader: Reader,
  flagId: string,
  messages: readonly MessageRow[],
): Promise<MessageRow[]> {
  const sketches = messages.flatMap(({ sketch, bands }) =>
    sketch === null || bands === null ? [] : [{ sketch, bands }],
  );
  const found = new Map<string, MessageRow>();
  for (const sketch of sketches.slice(0, looked)) {
    for (const row of await nearMessages(reader, sketch, flagId)) found.set(row.id, row);
  }
  return [...found.values()].sort((one, other) => other.at.getTime() - one.at.getTime()).slice(0, shown);
}
