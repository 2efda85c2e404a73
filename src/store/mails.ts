import { and, count, eq, gt, inArray, isNotNull, lt, or, sql } from 'drizzle-orm';
import type { Reader, Tx } from './db.ts';
import { mails } from './tables/mail.ts';

export type MailRow = typeof mails.$inferSelect;

export async function insertMail(
  tx: Tx,
  row: Pick<MailRow, 'id' | 'accountId' | 'kind' | 'sealed' | 'textDigest' | 'createdAt'>,
): Promise<void> {
  await tx.insert(mails).values({ ...row, dueAt: row.createdAt });
}

/** How many mails of that kind an account was written since `since`, sent or not. */
export async function mailsSince(
  reader: Reader,
  accountId: string,
  kind: string,
  since: Date,
): Promise<number> {
  const [row] = await reader
    .select({ count: count() })
    .from(mails)
    .where(and(eq(mails.accountId, accountId), eq(mails.kind, kind), gt(mails.createdAt, since)));
  return row?.count ?? 0;
}

/** When each of these accounts was written to since `since`, and what, by the digests of the mails. */
export async function mailsTo(
  reader: Reader,
  accountIds: readonly string[],
  since: Date,
): Promise<Pick<MailRow, 'accountId' | 'textDigest'>[]> {
  return reader
    .select({ accountId: mails.accountId, textDigest: mails.textDigest })
    .from(mails)
    .where(and(inArray(mails.accountId, [...accountIds]), gt(mails.createdAt, since)))
    .limit(1000);
}

/**
 * Takes mails that are due, for one node: they are due again after `leaseMs`, should that node die with them. Their
 * tries count from here, so that one which kills its sender does not go round for ever.
 */
export async function claimMails(tx: Tx, now: Date, leaseMs: number, limit: number): Promise<MailRow[]> {
  const until = new Date(now.getTime() + leaseMs).toISOString();
  const rows = await tx
    .update(mails)
    .set({ dueAt: sql`${until}::timestamptz`, tries: sql`${mails.tries} + 1` })
    .where(
      sql`${mails.id} in (select id from mails where sent_at is null and failed_at is null
        and due_at <= ${now.toISOString()} order by due_at limit ${limit} for update skip locked)`,
    )
    .returning();
  return rows;
}

/** A mail that is through: its text goes, since links in it are secrets. */
export async function mailSent(tx: Tx, id: string, at: Date): Promise<void> {
  await tx.update(mails).set({ sentAt: at, sealed: null, lastFault: null }).where(eq(mails.id, id));
}

export async function mailPutOff(tx: Tx, id: string, dueAt: Date, fault: string): Promise<void> {
  await tx.update(mails).set({ dueAt, lastFault: fault }).where(eq(mails.id, id));
}

export async function mailGivenUp(tx: Tx, id: string, at: Date, fault: string): Promise<void> {
  await tx.update(mails).set({ failedAt: at, sealed: null, lastFault: fault }).where(eq(mails.id, id));
}

/** Mails that wait although they were due long ago, and those given up in the last day: for whoever looks after it. */
export async function mailTrouble(reader: Reader, now: Date): Promise<{ waiting: number; failed: number }> {
  const hour = new Date(now.getTime() - 3_600_000);
  const day = new Date(now.getTime() - 86_400_000);
  const [waiting] = await reader
    .select({ count: count() })
    .from(mails)
    .where(sql`sent_at is null and failed_at is null and created_at < ${hour.toISOString()}`);
  const [failed] = await reader.select({ count: count() }).from(mails).where(gt(mails.failedAt, day));
  return { waiting: waiting?.count ?? 0, failed: failed?.count ?? 0 };
}

/** Forgets that mails were sent, after 90 days. */
export async function sweepMails(tx: Tx, now: Date): Promise<void> {
  const quarter = new Date(now.getTime() - 90 * 86_400_000);
  const over = or(isNotNull(mails.sentAt), isNotNull(mails.failedAt));
  await tx.delete(mails).where(and(lt(mails.createdAt, quarter), over));
}
