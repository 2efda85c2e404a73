/** Looks at what was recorded since the last time, raises flags for the patterns in it, and puts their effects in force. */
import type { AuditEvent } from '../domain/event.ts';
import { observationFrom, observedKinds } from '../domain/patterns/observation.ts';
import { type Found, lookBackMs, type PatternWatch, watchAll } from '../domain/patterns/watch.ts';
import type { Policy } from '../domain/policy.ts';
import { patternLag } from '../metrics.ts';
import { putEffects, sweepEffects } from '../store/account-effects.ts';
import { accountById } from '../store/accounts.ts';
import { appendEvents } from '../store/audit.ts';
import type { Tx } from '../store/db.ts';
import { keepWatch, newEvents, pastEvents, takeWatch } from '../store/pattern-watch.ts';
import { policyInForce } from '../store/policy.ts';
import { type Ctx, unchanged } from './context.ts';
import { noteOnFlag, raiseFlag } from './steps/raise-flag.ts';

const batch = 5_000;
/** How long a node keeps the watch without a sign of life. */
const heldMs = 10_000;
/** What is read again after a restart, at most. */
const readAgain = 200_000;

/** What a node remembers between two looks; of no worth once another one has watched. */
export interface WatchMemory {
  readonly holder: string;
  seen: { readonly watch: PatternWatch; readonly head: number; readonly policyVersion: number } | undefined;
}

export function watchMemory(random: Buffer): WatchMemory {
  return { holder: random.toString('base64url'), seen: undefined };
}

/** @returns how many patterns were flagged; undefined while another node watches. */
export async function watchPatterns(ctx: Ctx, memory: WatchMemory): Promise<number | undefined> {
  let flagged = 0;
  for (;;) {
    const looked = await look(ctx, memory).catch((error: unknown) => {
      // What was judged is not on record: it is judged again, from what is.
      memory.seen = undefined;
      throw error;
    });
    if (looked === undefined) return undefined;
    flagged += looked.flagged;
    if (looked.read < batch) return flagged;
  }
}

interface Looked {
  readonly flagged: number;
  readonly read: number;
}

async function look(ctx: Ctx, memory: WatchMemory): Promise<Looked | undefined> {
  // Told where there is something to tell: that nothing was found is no event.
  return ctx.touch<Looked | undefined>(async (tx) => {
    const watched = await takeWatch(tx, memory.holder, ctx.now);
    if (watched === undefined) return unchanged(undefined);
    const stored = await policyInForce(tx);
    const mine = memory.seen;
    const current = mine?.head === watched.head && mine.policyVersion === stored.version;
    const watch =
      current && watched.holder === memory.holder
        ? mine.watch
        : await remembered(tx, ctx, stored.policy, watched.head);
    const { events: rows, after } = await newEvents(tx, watched, observedKinds, batch, ctx.now);
    const events: AuditEvent[] = [];
    let flagged = 0;
    for (const row of rows) {
      const observation = observationFrom(row);
      for (const found of observation === undefined ? [] : watch.see(observation)) {
        flagged += 1;
        events.push(...(await follow(tx, ctx, stored.policy, found)));
      }
    }
    await keepWatch(tx, { ...after, holder: memory.holder }, new Date(ctx.now.getTime() + heldMs));
    memory.seen = { watch, head: after.head, policyVersion: stored.version };
    const last = rows.at(-1);
    patternLag.set(last === undefined ? 0 : Math.max(0, (ctx.now.getTime() - last.at) / 1000));
    const { actor, now: at, requestId } = ctx;
    if (events.length > 0) await appendEvents(tx, ctx.house.world, { actor, at, requestId }, events);
    return { flagged, read: rows.length };
  });
}

/** The patterns as they stood at `head`, from what was recorded: what is found in it was flagged then. */
async function remembered(tx: Tx, ctx: Ctx, policy: Policy, head: number): Promise<PatternWatch> {
  const watch = watchAll(policy.patterns);
  const from = new Date(ctx.now.getTime() - lookBackMs);
  for (const row of await pastEvents(tx, observedKinds, { from, upTo: head, most: readAgain })) {
    const observation = observationFrom(row);
    if (observation !== undefined) watch.see(observation);
  }
  return watch;
}

async function follow(tx: Tx, ctx: Ctx, policy: Policy, found: Found): Promise<readonly AuditEvent[]> {
  const { key, at, score, says, evidence, entered, onlyNote } = found;
  const account = found.accountId === undefined ? undefined : await accountById(tx, found.accountId);
  const seenAt = new Date(at);
  const place = typeof evidence.place === 'string' ? evidence.place : undefined;
  const raised = await raiseFlag(tx, ctx, {
    kind: found.pattern,
    same: [key],
    score,
    summary: says,
    evidence,
    lastSeenAt: seenAt,
    ...(found.times === undefined ? {} : { times: found.times }),
    restMs: policy.patterns[found.pattern].effect_seconds * 1000,
    ...(account === undefined ? {} : { accountId: account.id }),
    ...(place === undefined ? {} : { source: place }),
  });
  // The same was dismissed a little while ago: no flag, and nothing follows.
  if (raised === undefined) return [];
  const { effect, effect_seconds } = policy.patterns[found.pattern];
  const follows = effect !== 'off' && effect !== 'note' && onlyNote !== true && account !== undefined;
  if (!follows) return raised.events;
  const expiresAt = new Date(at + effect_seconds * 1000);
  const row = { accountId: account.id, pattern: found.pattern, effect, flagId: raised.flag.id };
  await putEffects(tx, [{ ...row, entered: entered ?? null, seenAt, expiresAt }]);
  if (raised.opened)
    await noteOnFlag(tx, ctx, raised.flag.id, effect, { detail: { until: expiresAt.toISOString() } });
  return raised.events;
}

/** Forgets effects that are over. */
export async function sweepPatternEffects(ctx: Ctx): Promise<void> {
  await ctx.touch((tx) => sweepEffects(tx, ctx.now));
}
