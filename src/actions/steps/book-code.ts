/** Books a second-factor code before it is judged: ten wrong ones in the window, over all challenges and doors. */
import type { Policy } from '../../domain/policy.ts';
import { admit, type CodeBudget, codeBudgets, settleCode, type Throttled } from '../../domain/throttle.ts';
import { type BudgetKeys, forgetGuesses, lockBudgets, saveBudgets } from '../../store/attempts.ts';
import type { Tx } from '../../store/db.ts';
import { type Ctx, unchanged } from '../context.ts';

export interface CodeBooking {
  readonly admitted: true;
  readonly booked: readonly CodeBudget[];
  readonly digest: string;
}

const keysOf = (accountId: string): BudgetKeys => ({
  codes: `codes:${accountId}`,
  codes_in_row: `codes_in_row:${accountId}`,
});

/** Every code counts: unlike a password, the same one is another guess half a minute later. */
export async function bookCode(
  ctx: Ctx,
  accountId: string,
  policy: Policy,
): Promise<CodeBooking | Throttled> {
  const keys = keysOf(accountId);
  const digest = ctx.house.world.random(6).toString('base64url');
  return ctx.touch<CodeBooking | Throttled>(async (tx) => {
    const budgets = await lockBudgets(tx, keys, ctx.now);
    const verdict = admit(codeBudgets, budgets, digest, policy.throttle, ctx.now.getTime());
    if (!verdict.admitted) return unchanged(verdict);
    await saveBudgets(tx, keys, verdict.budgets, ctx.now);
    return { admitted: true, booked: verdict.booked, digest };
  });
}

/** The code was right. */
export async function settleBookedCode(
  tx: Tx,
  ctx: Ctx,
  accountId: string,
  booking: CodeBooking,
  policy: Policy,
): Promise<void> {
  const keys = keysOf(accountId);
  const budgets = await lockBudgets(tx, keys, ctx.now);
  await saveBudgets(tx, keys, settleCode(booking.booked, budgets, booking.digest, policy.throttle), ctx.now);
}

/** A new password is the way back for an owner whose codes somebody used up: that somebody must learn it first. */
export async function forgetCodes(tx: Tx, accountId: string): Promise<void> {
  await forgetGuesses(tx, keysOf(accountId));
}
