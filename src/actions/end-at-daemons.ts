/** Carries forced logoffs out at daemons without an agent: the rows are the queue, so nothing is lost by a restart. */
import type { Told, Way } from '../disconnect/disconnector.ts';
import { claimFarDoors, type FarDoor, noteUnanswered, siblingsOf } from '../store/door-sessions.ts';
import { settleDoor } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';

/** Longer than an attempt takes as a rule: what another node has in hand is not taken. A second request does no harm. */
const againMs = 10_000;
const atOnce = 64;
/** A daemon that was asked about a login knows it by then, or never will. */
const knownAfterMs = 30_000;

/** Those of one host. @returns how many were taken in hand. */
export async function endAtDaemon(ctx: Ctx, host: string): Promise<number> {
  const way = ctx.house.disconnector.wayTo(host);
  if (way === undefined) return 0;
  const doors = await ctx.touch((tx) => claimFarDoors(tx, host, ctx.now, againMs, atOnce));
  await endThem(ctx, way, doors);
  return doors.length;
}

/** The first alone: behind a host that is out of reach the others need not wait for the same silence. */
async function endThem(ctx: Ctx, way: Way, [first, ...others]: readonly FarDoor[]): Promise<void> {
  if (first === undefined) return;
  const told = await endOne(ctx, way, first);
  await Promise.all(
    others.map((door) => (told.state === 'unreachable' ? settle(ctx, door, told) : endOne(ctx, way, door))),
  );
}

async function endOne(ctx: Ctx, way: Way, door: FarDoor): Promise<Told> {
  const told = await way(door, await siblingsOf(ctx.read, door));
  await settle(ctx, door, told);
  return told;
}

async function settle(ctx: Ctx, door: FarDoor, { state, detail }: Told): Promise<void> {
  const at = ctx.house.world.now();
  if (state === 'unreachable') return ctx.touch((tx) => noteUnanswered(tx, door.id, detail));
  const tooEarly = state === 'absent' && at.getTime() - door.openedAt < knownAfterMs;
  const shown = state === 'not_proven' || tooEarly ? 'not_proven' : 'ended';
  await ctx.act(async (tx) => {
    const accountId = await settleDoor(tx, door.host, door.id, { state: shown, at, detail });
    if (accountId === undefined) return unchanged(undefined);
    const about = { host: door.host, state: shown, detail };
    return {
      value: undefined,
      events: [{ kind: 'order.receipt', accountId, sessionId: door.id, detail: about }],
    };
  });
}
