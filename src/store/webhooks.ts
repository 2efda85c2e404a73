import { and, asc, count, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { webhooks } from './tables/webhooks.ts';

export type WebhookRow = typeof webhooks.$inferSelect;

export async function insertWebhook(tx: Tx, row: typeof webhooks.$inferInsert): Promise<WebhookRow> {
  const [inserted] = await tx.insert(webhooks).values(row).returning();
  if (inserted === undefined) throw new Error('a webhook that was not written');
  return inserted;
}

/** All, or those that one principal made; in the order of their making. */
export function webhooksBy(reader: Reader, createdBy: string | undefined): Promise<WebhookRow[]> {
  return reader
    .select()
    .from(webhooks)
    .where(createdBy === undefined ? undefined : eq(webhooks.createdBy, createdBy))
    .orderBy(asc(webhooks.createdAt), asc(webhooks.id));
}

/** How many there are. Whoever counts before he adds holds the lock: any number at once count one after the other. */
export async function countWebhooks(tx: Tx): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('gatehouse.webhooks'))`);
  const [row] = await tx.select({ count: count() }).from(webhooks);
  return row?.count ?? 0;
}

export async function webhookById(reader: Reader, id: string): Promise<WebhookRow | undefined> {
  const [row] = await reader.select().from(webhooks).where(eq(webhooks.id, id));
  return row;
}

export async function lockWebhook(tx: Tx, id: string): Promise<WebhookRow | undefined> {
  const [row] = await tx.select().from(webhooks).where(eq(webhooks.id, id)).for('no key update');
  return row;
}

export async function updateWebhook(
  tx: Tx,
  id: string,
  set: Partial<typeof webhooks.$inferInsert>,
): Promise<WebhookRow> {
  const [row] = await tx.update(webhooks).set(set).where(eq(webhooks.id, id)).returning();
  if (row === undefined) throw new Error('a webhook that went while it was held');
  return row;
}

export async function deleteWebhook(tx: Tx, id: string): Promise<void> {
  await tx.delete(webhooks).where(eq(webhooks.id, id));
}

type Because = NonNullable<WebhookRow['disabledBecause']>;

/** Undefined when it is disabled already, or gone: of any number at once, one is told. */
export async function disableWebhook(
  tx: Tx,
  id: string,
  because: Because,
  at: Date,
): Promise<WebhookRow | undefined> {
  const [row] = await tx
    .update(webhooks)
    .set({ disabledAt: at, disabledBecause: because })
    .where(and(eq(webhooks.id, id), isNull(webhooks.disabledAt)))
    .returning();
  return row;
}

/** What a client made goes with its key. */
export async function disableWebhooksOf(tx: Tx, clientId: string, at: Date): Promise<WebhookRow[]> {
  return tx
    .update(webhooks)
    .set({ disabledAt: at, disabledBecause: 'client_revoked' })
    .where(and(eq(webhooks.createdBy, clientId), isNull(webhooks.disabledAt)))
    .returning();
}

/** Something got through, or did not; written only where that is news. */
export async function noteHealth(tx: Tx, id: string, failing: boolean, at: Date): Promise<void> {
  const news = failing ? isNull(webhooks.failingSince) : sql`failing_since is not null`;
  await tx
    .update(webhooks)
    .set({ failingSince: failing ? at : null })
    .where(and(eq(webhooks.id, id), news));
}

/** Forgets secrets that no longer sign. */
export async function forgetSecrets(tx: Tx, now: Date): Promise<void> {
  await tx
    .update(webhooks)
    .set({ previousSecret: null, previousUntil: null })
    .where(lt(webhooks.previousUntil, now));
}
