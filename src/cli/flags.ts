import type { Ctx } from '../actions/context.ts';
import { flagsListed, readFlag } from '../actions/flags.ts';
import { resolveFlag } from '../actions/resolve-flag.ts';
import { type Flag, type FlagDetail, flagQuery, flagResolution } from '../protocol/flags.ts';
import { faults, harmless, jsonOf, type Terminal, table, tell } from './output.ts';

const rowOf = (each: Flag) => [
  each.id,
  each.state,
  each.kind,
  String(each.score),
  String(each.count),
  each.account_id ?? '-',
  each.last_seen_at,
];

/** `gatehouse flags list` with the filters of `GET /v1/flags`. */
export async function flagsList(
  ctx: Ctx,
  terminal: Terminal,
  filters: Readonly<Record<string, unknown>>,
): Promise<number> {
  const query = flagQuery.safeParse(filters);
  if (!query.success) return tell(terminal, faults(query.error), () => []);
  return tell(terminal, await flagsListed(ctx, query.data), ({ items, next_cursor }) => {
    if (items.length === 0) return ['no flags'];
    const heads = ['id', 'state', 'kind', 'score', 'count', 'account', 'last seen'];
    const more = next_cursor === null ? [] : [`more: --cursor ${next_cursor}`];
    return [...table([heads, ...items.map(rowOf)]), ...more];
  });
}

/** `gatehouse flags show ID` */
export async function flagsShow(ctx: Ctx, terminal: Terminal, id: string): Promise<number> {
  return tell(terminal, await readFlag(ctx, id), (flag) => detailLines(flag).map(harmless));
}

/** `gatehouse flags resolve ID --state S --note N` */
export async function flagsResolve(
  ctx: Ctx,
  terminal: Terminal,
  id: string,
  said: Readonly<Record<string, unknown>>,
): Promise<number> {
  const resolution = flagResolution.safeParse(said);
  if (!resolution.success) return tell(terminal, faults(resolution.error), () => []);
  return tell(terminal, await resolveFlag(ctx, id, resolution.data), ({ state }) => [`${id} is ${state}`]);
}

function detailLines(flag: FlagDetail): string[] {
  const note = (text: string | null) => (text === null ? '' : `: ${text}`);
  const said = flag.resolved_at === null ? '' : ` by ${flag.resolved_by}${note(flag.note)}`;
  const of = flag.messages.length < flag.messages_total ? `, the newest ${flag.messages.length}` : '';
  return [
    `${flag.id}: ${flag.kind}, ${flag.state}${said}`,
    `${flag.summary} (score ${flag.score}, count ${flag.count}, ${flag.first_seen_at} to ${flag.last_seen_at})`,
    ...(flag.account_id === null ? [] : [`account ${flag.account_id}`]),
    ...(flag.source === null ? [] : [`from ${flag.source}`]),
    'evidence:',
    ...Object.entries(flag.evidence).map(([name, value]) => `  ${name}: ${jsonOf(value)}`),
    'history:',
    ...flag.history.map(
      ({ at, what, actor, note: text }) => `  ${at} ${what} by ${actor.kind} ${actor.id}${note(text)}`,
    ),
    ...(flag.messages.length === 0
      ? []
      : [`messages: ${flag.messages_total}, to ${flag.accounts_total} accounts${of}`]),
    ...flag.messages.flatMap(messageLines),
    ...(flag.reports.length === 0 ? [] : ['reported by customers:']),
    ...flag.reports.map(
      ({ at, account_id, answered }) => `  ${at} ${account_id}${answered ? ', who answered it' : ''}`,
    ),
    ...(flag.near.length === 0 ? [] : ['near-duplicates elsewhere:']),
    ...flag.near.map(({ at, account_id, verdict, solicited, flag_id }) => {
      const why = flag_id ?? (solicited ? 'explained' : verdict);
      return `  ${at} to ${account_id ?? '-'}: ${why}`;
    }),
    ...(flag.effects.length === 0 ? [] : ['in force:']),
    ...flag.effects.map(
      ({ account_id, effect, expires_at }) => `  ${effect} for ${account_id} until ${expires_at}`,
    ),
  ];
}

function messageLines(message: FlagDetail['messages'][number]): string[] {
  const { at, medium, direction, sender_domain, account_id, text } = message;
  const about = [at, medium, direction, `from ${sender_domain ?? '-'}`, `to ${account_id ?? '-'}`];
  return [
    `  ${about.join(' ')}`,
    ...(text ?? '').split('\n').flatMap((line) => (line === '' ? [] : `    | ${line}`)),
  ];
}
