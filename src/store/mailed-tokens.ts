import { and, desc, eq, gt, gte, inArray, isNull, lt, or } from 'drizzle-orm';
import type { MailedPurpose } from '../domain/mailed.ts';
import type { Reader, Tx } from './db.ts';
import { mailedTokens } from './tables/mail.ts';

export type MailedTokenRow = typeof mailedTokens.$inferSelect;

export async function insertMailedToken(tx: Tx, row: typeof mailedTokens.$inferInsert): Promise<void> {
  await tx.insert(mailedTokens).values(row);
}

const good = (hash: Buffer, purpose: MailedPurpose, now: Date) =>
  and(
    ...[eq(mailedTokens.tokenHash, hash), eq(mailedTokens.purpose, purpose)],
    ...[isNull(mailedTokens.spentAt), gt(mailedTokens.expiresAt, now)],
  );

/** The token while it is good, unspent: to show its page, and to check the rest of a request before it is spent. */
export async function tokenGood(
  reader: Reader,
  hash: Buffer,
  purpose: MailedPurpose,
  now: Date,
): Promise<MailedTokenRow | undefined> {
  const [row] = await reader
    .select()
    .from(mailedTokens)
    .where(good(hash, purpose, now));
  return row;
}

/** Whose token it is, good or not: to lock the account before the token. */
export async function tokenOwner(
  reader: Reader,
  hash: Buffer,
  purpose: MailedPurpose,
): Promise<string | undefined> {
  const [row] = await reader
    .select({ accountId: mailedTokens.accountId })
    .from(mailedTokens)
    .where(and(eq(mailedTokens.tokenHash, hash), eq(mailedTokens.purpose, purpose)));
  return row?.accountId;
}

/** Spends a token, in one statement: of any number at once, one gets the row. */
export async function spendToken(
  tx: Tx,
  hash: Buffer,
  purpose: MailedPurpose,
  now: Date,
  outcome: 'used' | 'denied',
): Promise<MailedTokenRow | undefined> {
  const [row] = await tx
    .update(mailedTokens)
    .set({ spentAt: now, outcome })
    .where(good(hash, purpose, now))
    .returning();
  return row;
}

/**
 * Notes that the owner did not ask for this link, whether it is still good or overtaken: of any number at once, one
 * gets the row. One that was used is beyond that.
 */
export async function denyToken(
  tx: Tx,
  hash: Buffer,
  purpose: MailedPurpose,
  at: Date,
  since: Date,
): Promise<MailedTokenRow | undefined> {
  const [row] = await tx
    .update(mailedTokens)
    .set({ spentAt: at, outcome: 'denied' })
    .where(
      and(
        ...[eq(mailedTokens.tokenHash, hash), eq(mailedTokens.purpose, purpose)],
        gt(mailedTokens.createdAt, since),
        or(isNull(mailedTokens.outcome), eq(mailedTokens.outcome, 'superseded')),
      ),
    )
    .returning();
  return row;
}

/** Only the newest is good: all earlier ones of that purpose are over; with `since`, those made from then on. */
export async function supersedeTokens(
  tx: Tx,
  accountId: string,
  purpose: MailedPurpose,
  at: Date,
  since?: Date,
): Promise<number> {
  const rows = await tx
    .update(mailedTokens)
    .set({ spentAt: at, outcome: 'superseded' })
    .where(
      and(
        ...[eq(mailedTokens.accountId, accountId), eq(mailedTokens.purpose, purpose)],
        ...[isNull(mailedTokens.spentAt), since && gte(mailedTokens.createdAt, since)],
      ),
    )
    .returning({ hash: mailedTokens.tokenHash });
  return rows.length;
}

/** The last ones of that purpose since `since`, newest first. */
export async function latestTokens(
  reader: Reader,
  accountId: string,
  purpose: MailedPurpose,
  since: Date,
): Promise<MailedTokenRow[]> {
  return reader
    .select()
    .from(mailedTokens)
    .where(
      and(
        ...[eq(mailedTokens.accountId, accountId), eq(mailedTokens.purpose, purpose)],
        gt(mailedTokens.createdAt, since),
      ),
    )
    .orderBy(desc(mailedTokens.createdAt))
    .limit(50);
}

/** What is known of these tokens, whatever became of them. */
export async function tokensKnown(reader: Reader, hashes: readonly Buffer[]): Promise<MailedTokenRow[]> {
  if (hashes.length === 0) return [];
  return reader
    .select()
    .from(mailedTokens)
    .where(inArray(mailedTokens.tokenHash, [...hashes]));
}

/** Forgets tokens that ran out a month ago: until then they count, and explain. */
export async function sweepMailedTokens(tx: Tx, now: Date): Promise<void> {
  const month = new Date(now.getTime() - 30 * 86_400_000);
  await tx.delete(mailedTokens).where(lt(mailedTokens.expiresAt, month));
}
