/** What customers reported: that they did, and what came of it; the message itself is in `store/messages`. */
import { and, desc, eq, gt, inArray, lt } from 'drizzle-orm';
import type { FlagState } from '../domain/flag.ts';
import type { Reader, Tx } from './db.ts';
import { flags, reports } from './tables/flags.ts';

export type ReportRow = typeof reports.$inferSelect;

export async function insertReport(tx: Tx, row: Omit<typeof reports.$inferInsert, 'seq'>): Promise<void> {
  await tx.insert(reports).values(row);
}

/** When the last `most` reports of an account were made since then, newest first. */
export async function reportTimes(
  reader: Reader,
  accountId: string,
  since: Date,
  most: number,
): Promise<Date[]> {
  const rows = await reader
    .select({ at: reports.createdAt })
    .from(reports)
    .where(and(eq(reports.accountId, accountId), gt(reports.createdAt, since)))
    .orderBy(desc(reports.createdAt))
    .limit(most);
  return rows.map(({ at }) => at);
}

/** Of an account, newest first, with what became of their flags. */
export async function reportsOf(
  reader: Reader,
  accountId: string,
  page: { readonly limit: number; readonly before: number | undefined },
): Promise<(ReportRow & { readonly state: FlagState | null })[]> {
  const rows = await reader
    .select({ report: reports, state: flags.state })
    .from(reports)
    .leftJoin(flags, eq(flags.id, reports.flagId))
    .where(
      and(
        eq(reports.accountId, accountId),
        page.before === undefined ? undefined : lt(reports.seq, page.before),
      ),
    )
    .orderBy(desc(reports.seq))
    .limit(page.limit);
  return rows.map(({ report, state }) => ({ ...report, state }));
}

/** Of a flag, newest first. */
export async function reportsOfFlag(reader: Reader, flagId: string, most: number): Promise<ReportRow[]> {
  return reader
    .select()
    .from(reports)
    .where(eq(reports.flagId, flagId))
    .orderBy(desc(reports.seq))
    .limit(most);
}

/** Forgets what is over, `most` at a time. @returns how many. */
export async function sweepReports(tx: Tx, now: Date, most: number): Promise<number> {
  const over = tx
    .select({ id: reports.id })
    .from(reports)
    .where(lt(reports.expiresAt, now))
    .limit(most)
    .for('update', { skipLocked: true });
  const gone = await tx.delete(reports).where(inArray(reports.id, over)).returning({ id: reports.id });
  return gone.length;
}
