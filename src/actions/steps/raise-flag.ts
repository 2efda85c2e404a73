/** The one place that raises flags: for judged messages, and for patterns over events. */
import type { AuditEvent } from '../../domain/event.ts';
import type { Suspicion } from '../../domain/flag.ts';
import { idBytes, idFrom } from '../../domain/token.ts';
import { flagsRaised } from '../../metrics.ts';
import type { Tx } from '../../store/db.ts';
import { appendFlagEvent, dismissedSince, type FlagRow, upsertFlag } from '../../store/flags.ts';
import { insertOperatorNotice } from '../../store/operator-notices.ts';
import { policyInForce } from '../../store/policy.ts';
import type { Ctx } from '../context.ts';

export interface RaisedFlag {
  readonly flag: FlagRow;
  /** False where an open one of the same was counted on. */
  readonly opened: boolean;
  /** For `act`: one event, always. */
  readonly events: readonly [AuditEvent];
}

/**
 * Raises a flag, or counts on the open one of the same (`Suspicion.same`): any number at once make one open flag that
 * counts them all. Undefined where the same was dismissed and rests. Give the events to `act`.
 */
export async function raiseFlag(tx: Tx, ctx: Ctx, said: Suspicion): Promise<RaisedFlag | undefined> {
  const { restMs } = said;
  if (restMs !== undefined && (await dismissedSince(tx, said, new Date(ctx.now.getTime() - restMs)))) {
    return undefined;
  }
  const id = idFrom('flag', ctx.house.world.random(idBytes));
  const { flag, opened } = await upsertFlag(tx, id, said, ctx.now);
  if (opened) {
    await noteOnFlag(tx, ctx, flag.id, 'raised');
    await tellStaff(tx, ctx, flag);
    flagsRaised.inc({ kind: flag.kind });
  }
  const event: AuditEvent = {
    kind: opened ? 'flag.raised' : 'flag.seen',
    // Of the one that was counted: the flag may be about others, too.
    ...(said.accountId === undefined ? {} : { accountId: said.accountId }),
    ...(flag.source === null ? {} : { source: flag.source }),
    detail: { flag: flag.id, kind: flag.kind, score: flag.score, count: flag.count },
  };
  return { flag, opened, events: [event] };
}

/** For the next mail to the staff (`actions/tell-operators`), where the policy wants such flags told. */
async function tellStaff(tx: Tx, ctx: Ctx, { id, kind, score, accountId }: FlagRow): Promise<void> {
  const { operator_mail } = (await policyInForce(tx)).policy;
  if (!operator_mail.flags[kind] || score * 100 < operator_mail.least_score) return;
  await insertOperatorNotice(tx, { about: 'flag', ref: id, kind, accountId, at: ctx.now });
}

/** Writes into a flag's history what was done because of it, such as a second factor that is asked for now. */
export async function noteOnFlag(
  tx: Tx,
  ctx: Ctx,
  flagId: string,
  what: string,
  more: { readonly note?: string; readonly detail?: Readonly<Record<string, unknown>> } = {},
): Promise<void> {
  await appendFlagEvent(tx, {
    ...{ flagId, what, at: ctx.now, actorKind: ctx.actor.kind, actorId: ctx.actor.id },
    ...{ note: more.note ?? null, detail: more.detail ?? null },
  });
}
