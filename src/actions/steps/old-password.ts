/**
 * The previous password, tried again: mostly a phone or an FTP program that was forgotten. Its owner is told where it
 * is, once a place; it opens nothing, and it is no guess.
 */
import type { LoginRefusal } from '../../domain/refusal.ts';
import { forgive } from '../../domain/throttle.ts';
import { lockBudgets, saveBudgets } from '../../store/attempts.ts';
import { loginNamed } from '../../store/credentials.ts';
import type { Tx } from '../../store/db.ts';
import { policyInForce } from '../../store/policy.ts';
import { previousOf, tellOnce } from '../../store/previous-passwords.ts';
import { type Ctx, unchanged } from '../context.ts';
import type { Booking } from './book-attempt.ts';
import { budgetKeys, type Guess } from './guess.ts';
import type { Found } from './judge-secret.ts';
import { tellOwner } from './tell-owner.ts';

/**
 * After a wrong guess was answered, and never before: looks whether it was the previous password. Where there is none,
 * or no such name, a decoy is judged instead: what goes on in the hash threads tells nobody anything. Under load it is
 * dropped, whoever it is about.
 */
export function lookAtOldPassword(ctx: Ctx, guess: Guess, reason: LoginRefusal, booking: Booking): void {
  if (reason === 'name_unknown_at_door' || guess.password === '') return;
  ctx.house.afterwards.later(() => look(ctx, guess, booking));
}

async function look(ctx: Ctx, guess: Guess, booking: Booking): Promise<void> {
  const { hashing } = ctx.house;
  const found = await loginNamed(ctx.read, guess.store, guess.login);
  const previous = found && (await previousOf(ctx.read, found.credential.id, ctx.now));
  if (previous === undefined || found?.account.status !== 'active') return hashing.decoy(guess.password);
  const { ok } = await hashing.verify(guess.password, previous.hash);
  if (!ok) return;
  const first = await tell(ctx, guess, found);
  await ctx.touch((tx) => takeOff(tx, ctx, guess, booking, first));
}

/** @returns whether this is the first time from this place. */
function tell(ctx: Ctx, guess: Guess, { credential, account }: Found): Promise<boolean> {
  const { login, store } = guess;
  return ctx.act(async (tx) => {
    if (!(await tellOnce(tx, credential.id, guess.prefixes.host, 'old_password', ctx.now))) {
      return unchanged(false);
    }
    const from = guess.source === undefined ? {} : { source: guess.source };
    const channel = guess.channel.name;
    await tellOwner(tx, ctx, account.id, { kind: 'old_password', login, store, channel, ...from });
    const event = { kind: 'password.old_used', accountId: account.id, ...from } as const;
    return { value: true, events: [{ ...event, detail: { store, login, channel } }] };
  });
}

/**
 * Takes it off the counts of the name: a stale device locks nobody out. The counts of its source stay, and so does its
 * digest: it remains one guess for as long as it is tried, with the same bounds on the hashes that it costs. A repeat
 * takes off only what this very place counted, and once: else whoever holds the old password would wipe out a wrong
 * guess at the name from each new address.
 */
async function takeOff(
  tx: Tx,
  ctx: Ctx,
  guess: Guess,
  { booked, repeated, digest }: Booking,
  first: boolean,
): Promise<void> {
  const counted = first ? [...booked, ...repeated.filter((kind) => kind === 'pair')] : booked;
  const kinds = counted.filter((kind) => kind !== 'source' && kind !== 'network');
  if (kinds.length === 0) return;
  const { policy } = await policyInForce(tx);
  const keys = budgetKeys(guess, kinds);
  const budgets = await lockBudgets(tx, keys, ctx.now);
  await saveBudgets(tx, keys, forgive(kinds, budgets, digest, policy.throttle), ctx.now);
}
