/** Campaigns: many copies of one message are told by the sketch of the first, and by no other. */
import { and, desc, eq, gt, ne, sql } from 'drizzle-orm';
import { type Sketch, sameFrom } from '../domain/sketch.ts';
import { ask, type Reader, type Tx } from './db.ts';
import type { FlagRow } from './flags.ts';
import { campaigns, flags } from './tables/flags.ts';

/** Of those that share a band, the latest so many are compared. */
const compared = 1000;

// Ordered by likeness and not by time: whoever founds many that are a little alike crowds out none that is the same.
const nearest = `select id from (
    select c.id, (select count(*) from unnest(c.sketch, $2::text::int[]) as pair(one, other) where one = other) as same
      from (select id, sketch from campaigns where bands && $1::text::int[] order by founded_at desc limit ${compared}) c
  ) near where same >= $3::int order by same desc, id limit 1`;

const list = (numbers: readonly number[]) => `{${numbers.join(',')}}`;

/** The campaign whose founding message is likest, if it is like enough to be the same message. */
export async function nearestCampaign(
  reader: Reader,
  { sketch, bands }: Sketch,
): Promise<string | undefined> {
  const enough = Math.ceil(sameFrom * sketch.length);
  const [row] = await ask<{ id: string }>(reader, nearest, [list(bands), list(sketch), enough]);
  return row?.id;
}

/** Any number will do that no other pair of advisory locks begins with. */
const lockSpace = 7_404_283;

/** Copies share a band: of any number at once one founds the campaign, and the others find it when it has. */
export async function lockFounding(tx: Tx, { bands }: Sketch): Promise<void> {
  // In one order, so that two that share several never wait for each other in a ring.
  const inOrder = [...new Set(bands)].sort((one, other) => one - other);
  const locking = `select pg_advisory_xact_lock($2::int, band)
    from (select band from unnest($1::text::int[]) with ordinality as wanted(band, n) order by n offset 0) ordered`;
  await ask(tx, locking, [list(inOrder), lockSpace]);
}

export async function foundCampaign(tx: Tx, row: typeof campaigns.$inferInsert): Promise<void> {
  await tx.insert(campaigns).values(row);
}

/** What operators said of the same since then, latest first. */
export async function resolvedOfSame(
  reader: Reader,
  sameKey: string,
  since: Date,
  most: number,
): Promise<Pick<FlagRow, 'state' | 'evidence'>[]> {
  return reader
    .select({ state: flags.state, evidence: flags.evidence })
    .from(flags)
    .where(and(eq(flags.sameKey, sameKey), ne(flags.state, 'open'), gt(flags.resolvedAt, since)))
    .orderBy(desc(flags.resolvedAt), desc(flags.seq))
    .limit(most);
}

/** Forgets campaigns without a flag, `most` at a time. @returns how many. */
export async function sweepCampaigns(tx: Tx, before: Date, most: number): Promise<number> {
  const gone = await tx
    .delete(campaigns)
    .where(
      sql`${campaigns.id} in (select c.id from campaigns c where c.founded_at < ${before.toISOString()}
        and not exists (select 1 from flags f where f.same_key = c.same_key) limit ${most} for update skip locked)`,
    )
    .returning({ id: campaigns.id });
  return gone.length;
}
