/** What follows for accounts from patterns that were seen. A dismissed flag, and a password set since, end it. */
import { and, eq, gt, lt, sql } from 'drizzle-orm';
import type { Hold } from '../domain/patterns/effects.ts';
import { ask, type Reader, type Tx } from './db.ts';
import { accountEffects } from './tables/patterns.ts';

export type EffectRow = typeof accountEffects.$inferInsert;

/** Rows of one statement. */
const batch = 1000;

/** In force from now on, instead of what the same pattern led to before. A place that came in stays named. */
export async function putEffects(tx: Tx, rows: readonly EffectRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += batch) {
    await tx
      .insert(accountEffects)
      .values(rows.slice(from, from + batch))
      .onConflictDoUpdate({
        target: [accountEffects.accountId, accountEffects.pattern],
        set: {
          effect: sql`excluded.effect`,
          entered: sql`coalesce(excluded.entered, ${accountEffects.entered})`,
          flagId: sql`coalesce(excluded.flag_id, ${accountEffects.flagId})`,
          seenAt: sql`greatest(excluded.seen_at, ${accountEffects.seenAt})`,
          expiresAt: sql`greatest(excluded.expires_at, ${accountEffects.expiresAt})`,
        },
      });
  }
}

const inForce = (account: string, at: string) => `account_effects e left join flags f on f.id = e.flag_id
  where e.account_id = ${account} and e.expires_at > ${at}::timestamptz and f.state is distinct from 'dismissed'`;

/**
 * What of a select tells the holds on logins of `account` at `at`, expressions both; `setAt`: when the password was set.
 */
export const holdColumn = (account: string, setAt: string, at: string) =>
  `(select json_agg(json_build_object('effect', e.effect, 'entered', e.entered)) from ${inForce(account, at)}
     and e.effect in ('second_factor', 'lock') and ${setAt} <= e.seen_at) as holds`;

export interface HoldsSelected {
  readonly holds: readonly Hold[] | null;
}

const holding = `select ${holdColumn('$1', '$2::timestamptz', '$3')}`;

/** What keeps strangers out of the logins of an account whose password was set at `setAt`. */
export async function holdsOn(
  reader: Reader,
  accountId: string,
  setAt: Date,
  now: Date,
): Promise<readonly Hold[]> {
  const at = [setAt.toISOString(), now.toISOString()];
  const [row] = await ask<HoldsSelected>(reader, holding, [accountId, ...at]);
  return row?.holds ?? [];
}

/** Whether the reset mails of an account are to come slowly. */
export async function mailsSlowed(reader: Reader, accountId: string, now: Date): Promise<boolean> {
  const rows = await reader
    .select({ pattern: accountEffects.pattern })
    .from(accountEffects)
    .where(
      and(
        ...[eq(accountEffects.accountId, accountId), eq(accountEffects.effect, 'slow_mails')],
        gt(accountEffects.expiresAt, now),
        sql`not exists (select 1 from flags f where f.id = ${accountEffects.flagId} and f.state = 'dismissed')`,
      ),
    );
  return rows.length > 0;
}

/** Tidying. */
export async function sweepEffects(tx: Tx, now: Date): Promise<void> {
  await tx.delete(accountEffects).where(lt(accountEffects.expiresAt, now));
}
