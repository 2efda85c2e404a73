import type { z } from 'zod';
import type { Ctx } from '../actions/context.ts';
import { endSessions } from '../actions/end-sessions.ts';
import { sessionsListed } from '../actions/list-sessions.ts';
import { tidyCutoffs } from '../actions/tidy.ts';
import { refuse } from '../domain/refusal.ts';
import { endRequest, sessionQuery } from '../protocol/api.ts';
import { type Terminal, table, tell } from './output.ts';

function faults(error: z.ZodError) {
  const errors = error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  return refuse('invalid_field', { errors });
}

/** `gatehouse sessions list` with the filters of `GET /v1/sessions`. */
export async function sessionsList(
  ctx: Ctx,
  terminal: Terminal,
  filters: Readonly<Record<string, unknown>>,
): Promise<number> {
  const query = sessionQuery.safeParse(filters);
  if (!query.success) return tell(terminal, faults(query.error), () => []);
  return tell(terminal, await sessionsListed(ctx, query.data), (page) => {
    const rows = page.items.map((each) => [
      each.id,
      each.login,
      each.channel,
      each.host ?? '-',
      each.source_ip ?? '-',
      each.opened_at,
      each.end_reason ?? `live until ${each.idle_expires_at}`,
    ]);
    if (rows.length === 0) return ['no sessions'];
    const more = page.next_cursor === null ? [] : [`more: --cursor ${page.next_cursor}`];
    return [...table([['id', 'login', 'channel', 'host', 'from', 'opened', 'state'], ...rows]), ...more];
  });
}

/** `gatehouse sessions end`: as `POST /v1/sessions/end`; works when HTTP is down. */
export async function sessionsEnd(
  ctx: Ctx,
  terminal: Terminal,
  select: Readonly<Record<string, unknown>>,
  options: { readonly reason: string; readonly dryRun: boolean },
): Promise<number> {
  const input = endRequest.safeParse({ select, reason: options.reason, dry_run: options.dryRun });
  if (!input.success) return tell(terminal, faults(input.error), () => []);
  const outcome = await endSessions(ctx, input.data);
  if (outcome.ok && !options.dryRun) await tidyCutoffs(ctx);
  return tell(terminal, outcome, ({ order }) => {
    const channels = Object.entries(order.by_channel).map(([name, count]) => `${count} ${name}`);
    const what = channels.length === 0 ? 'nothing' : channels.join(', ');
    if (options.dryRun) return [`would end ${order.matched} sessions: ${what}`];
    return [
      `order ${order.id}: ended ${order.ended} of ${order.matched} sessions (${what}), ${order.pending} wait for their hosts`,
    ];
  });
}
