/** Accounts whose password may be with a stranger: for a while, places where they were never seen owe a second factor. */
import type { AuditEvent } from '../../domain/event.ts';
import { putEffects } from '../../store/account-effects.ts';
import type { Tx } from '../../store/db.ts';
import { policyInForce } from '../../store/policy.ts';
import type { Ctx } from '../context.ts';
import { noteOnFlag } from './raise-flag.ts';

/** Why: a message that an operator confirmed; one that its reader says to have answered. */
export type RiskFrom = 'message' | 'report';

/** @param seenAt a password that was set later is free of it. Give the events to `act`. */
export async function raiseRisk(
  tx: Tx,
  ctx: Ctx,
  from: RiskFrom,
  flagId: string | undefined,
  accountIds: readonly string[],
  seenAt: Date = ctx.now,
): Promise<readonly AuditEvent[]> {
  const { risk_seconds } = (await policyInForce(tx)).policy.flags;
  if (risk_seconds === 0 || accountIds.length === 0) return [];
  const expiresAt = new Date(seenAt.getTime() + risk_seconds * 1000);
  const effect = 'second_factor';
  const row = { pattern: from, effect, flagId: flagId ?? null, entered: null, seenAt, expiresAt } as const;
  await putEffects(
    tx,
    accountIds.map((accountId) => ({ ...row, accountId })),
  );
  const until = expiresAt.toISOString();
  const detail = { accounts: accountIds.length, until };
  if (flagId !== undefined) await noteOnFlag(tx, ctx, flagId, effect, { detail });
  return accountIds.map((accountId) => ({
    kind: 'account.at_risk',
    accountId,
    detail: { ...(flagId === undefined ? {} : { flag: flagId }), because: from, effect, until },
  }));
}
