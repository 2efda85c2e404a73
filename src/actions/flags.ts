/** Flags as they are looked at: by all operators, and by gateways that scan messages. */
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import type { FlagDetail, FlagList, FlagQuery } from '../protocol/flags.ts';
import { effectsOfFlag, reachOfFlag } from '../store/flag-detail.ts';
import { flagById, flagHistory, listFlags } from '../store/flags.ts';
import { messagesOfFlag } from '../store/messages.ts';
import type { Ctx } from './context.ts';
import { cursorOf, placeOf } from './steps/cursor.ts';
import { effectView, evidenceView, flagView, historyView, kindSeen, messageView } from './steps/flag-view.ts';
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
  const [history, messages, reach, effects] = await Promise.all([
    flagHistory(ctx.read, id),
    messagesOfFlag(ctx.read, id, shown),
    reachOfFlag(ctx.read, id),
    effectsOfFlag(ctx.read, id, ctx.now, shown),
  ]);
  return done({
    ...flagView(ctx, row),
    evidence: evidenceView(ctx, row),
    history: history.map((each) => historyView(ctx, each)),
    messages: messages.map((each) => messageView(ctx, each)),
    messages_total: reach.messages,
    accounts_total: reach.accounts,
    effects: effects.map(effectView),
  });
}
