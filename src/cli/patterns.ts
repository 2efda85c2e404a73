import type { Ctx } from '../actions/context.ts';
import { replayPatterns } from '../actions/replay-patterns.ts';
import { refuse } from '../domain/refusal.ts';
import { type Terminal, table, tell } from './output.ts';

interface ReplayFlags {
  readonly from: string;
  readonly to?: string | undefined;
  readonly set: readonly string[];
}

const bad = (path: string, message: string) => refuse('invalid_field', { errors: [{ path, message }] });

/** `gatehouse patterns replay`: what other thresholds would have flagged. */
export async function patternsReplay(ctx: Ctx, terminal: Terminal, flags: ReplayFlags): Promise<number> {
  const [from, to] = [new Date(flags.from), flags.to === undefined ? undefined : new Date(flags.to)];
  const unread = Number.isNaN(from.getTime())
    ? '--from'
    : to && Number.isNaN(to.getTime())
      ? '--to'
      : undefined;
  if (unread !== undefined)
    return tell(terminal, bad(unread, 'is no time, such as 2026-01-31T08:00:00Z'), () => []);
  const set: Record<string, unknown> = {};
  for (const each of flags.set) {
    const [, path, value] = /^([a-z_]+\.[a-z_]+)=(.+)$/.exec(each) ?? [];
    if (path === undefined) return tell(terminal, bad(each, 'is not like reset_flood.requests=8'), () => []);
    set[path] = /^\d+$/.test(value ?? '') ? Number(value) : value;
  }
  const outcome = await replayPatterns(ctx, { from, set, ...(to && { to }) });
  return tell(terminal, outcome, ({ events, found }) => [
    `${events} events, ${found.length} flags`,
    ...table(found.map((each) => [each.first_at, each.pattern, each.about, `${each.times}x`, each.says])),
  ]);
}
