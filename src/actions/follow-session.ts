/** What a daemon says of a session that lives in it: begun, seen, over. */
import { canonicalLogin } from '../domain/login.ts';
import { done, type Outcome } from '../domain/refusal.ts';
import { canonicalAddress } from '../domain/source.ts';
import {
  confirmDoor,
  type FollowedSession,
  followedById,
  followedByPort,
  followedByRef,
  followedNearest,
  neverTakenUp,
  renameDoor,
} from '../store/door-sessions.ts';
import { settleDoor } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';
import { agentAnswers } from './steps/agent-answers.ts';
import { doorHost } from './steps/door-host.ts';
import { mayNot } from './steps/may.ts';

/** Which session: by the daemon's name for it, by ours, or by what else the daemon knows. */
export type Named =
  | { readonly ref: string }
  | { readonly id: string }
  | { readonly login: string; readonly source: string; readonly port: number }
  | {
      readonly login: string;
      readonly channel: string;
      readonly source: string | undefined;
      readonly at: Date;
    };

export interface Said {
  readonly host: string | undefined;
  readonly what: 'begun' | 'seen' | 'over';
  readonly which: Named;
  readonly detail: string;
  /** What its daemon calls it from now on. */
  readonly ref?: string | undefined;
}

/**
 * Whether such a session was found. A session that is not ours is none of our business. Where the host's agent answers
 * for its process, the agent alone tells of the end: it knows why, and the kernel proves it.
 */
export async function followSession(ctx: Ctx, said: Said): Promise<Outcome<{ readonly known: boolean }>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  const host = doorHost(ctx, said.host);
  if (!host.ok) return host;
  const session = await sessionNamed(ctx, host.value, said.which);
  if (session === undefined) return done({ known: false });
  if (said.what === 'seen') ctx.house.touches.note(session.id, ctx.now.getTime());
  const { ref } = said;
  if (ref !== undefined) await ctx.touch((tx) => renameDoor(tx, session.id, ref));
  if (said.what !== 'over') await ctx.touch((tx) => confirmDoor(tx, session.id));
  else if (!session.inProcess || !(await agentAnswers(ctx, session.host)))
    await close(ctx, session, { state: 'ended', detail: said.detail });
  return done({ known: true });
}

function sessionNamed(ctx: Ctx, host: string, which: Named): Promise<FollowedSession | undefined> {
  if ('ref' in which) return followedByRef(ctx.read, host, which.ref);
  if ('id' in which) return followedById(ctx.read, host, which.id);
  const login = canonicalLogin(which.login);
  const source = which.source === undefined ? undefined : canonicalAddress(which.source);
  if (!('port' in which)) return followedNearest(ctx.read, host, { ...which, login, source });
  return source === undefined
    ? Promise.resolve(undefined)
    : followedByPort(ctx.read, host, { ...which, login, source });
}

async function close(
  ctx: Ctx,
  { id, host }: Pick<FollowedSession, 'id' | 'host'>,
  end: { readonly state: 'ended' | 'not_proven'; readonly detail: string },
): Promise<void> {
  const proved = end.state === 'ended';
  const reason = proved ? 'closed' : 'lost';
  await ctx.act(async (tx) => {
    const accountId = await settleDoor(tx, host, id, { ...end, at: ctx.now }, reason);
    if (accountId === undefined) return unchanged(undefined);
    const detail = { host, reason, proved };
    return { value: undefined, events: [{ kind: 'session.ended', accountId, sessionId: id, detail }] };
  });
}

/** A daemon takes a login up at once, or not at all. */
const takenUpWithinMs = 120_000;

/**
 * Tidying: sessions whose login was judged here and of which their daemon never spoke. It refused them, or they broke
 * off; or what it said was lost, so nothing is proved.
 */
export async function sweepNeverTakenUp(ctx: Ctx): Promise<number> {
  const lost = await neverTakenUp(ctx.read, new Date(ctx.now.getTime() - takenUpWithinMs));
  const end = { state: 'not_proven', detail: 'its daemon never said that it took it up' } as const;
  for (const session of lost) await close(ctx, session, end);
  return lost.length;
}
