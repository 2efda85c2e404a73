/** What follows from a confirmed message, by the clock and in small bites: no login waits for a whole campaign. */
import { flagToFollow, followedUpTo, tellersOfFlag } from '../store/flag-detail.ts';
import { type Ctx, unchanged } from './context.ts';
import { raiseRisk } from './steps/raise-risk.ts';

/** Accounts of one transaction. */
const bite = 100;

/**
 * Whoever told of the message or answered it owes a second factor from strange places. Whoever merely received it does not:
 * else anybody could keep an owner out of new places by a mail.
 */
export async function followFlags(ctx: Ctx): Promise<void> {
  for (;;) {
    const next = await ctx.act<'more' | 'idle' | { readonly nothingFor: string }>(async (tx) => {
      const flag = await flagToFollow(tx);
      if (flag === undefined) return unchanged('idle');
      const found = await tellersOfFlag(tx, flag.id, flag.followFrom ?? '', bite + 1);
      const accounts = found.slice(0, bite);
      const since = flag.resolvedAt ?? ctx.now;
      const events = await raiseRisk(tx, ctx, 'message', flag.id, accounts, since);
      if (events.length === 0) return unchanged({ nothingFor: flag.id });
      await followedUpTo(tx, flag.id, found.length > bite ? (accounts.at(-1) ?? null) : null);
      return { value: 'more', events };
    });
    if (next === 'idle') return;
    // Nobody told of it, or the policy wants nothing: that changes no account, and is no event.
    if (next !== 'more') await ctx.touch((tx) => followedUpTo(tx, next.nothingFor, null));
  }
}
