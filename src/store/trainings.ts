/** What operators taught the detector, and what they taught it from. The latest that was not taken back is in force. */
import { and, desc, eq, inArray, isNull } from 'drizzle-orm';
import type { JudgedFlag, Offsets } from '../domain/training.ts';
import { ask, type Reader, type Tx } from './db.ts';
import { flags, trainings } from './tables/flags.ts';

export type TrainingRow = typeof trainings.$inferSelect;

export async function trainingInForce(reader: Reader): Promise<TrainingRow | undefined> {
  const [row] = await reader
    .select()
    .from(trainings)
    .where(isNull(trainings.revertedAt))
    .orderBy(desc(trainings.seq))
    .limit(1);
  return row;
}

/** What is added to the shipped weights, and by which training; undefined where nothing is. */
export async function trainedWeights(
  reader: Reader,
): Promise<{ readonly seq: number; readonly offsets: Offsets } | undefined> {
  const row = await trainingInForce(reader);
  return row && { seq: row.seq, offsets: row.offsets as Offsets };
}

export async function insertTraining(
  tx: Tx,
  row: Omit<typeof trainings.$inferInsert, 'seq'>,
): Promise<TrainingRow> {
  const [written] = await tx.insert(trainings).values(row).returning();
  if (written === undefined) throw new Error('a training that was written is not there');
  return written;
}

/** Takes one back; undefined where somebody else did. */
export async function revertTraining(tx: Tx, seq: number, now: Date): Promise<TrainingRow | undefined> {
  const [row] = await tx
    .update(trainings)
    .set({ revertedAt: now })
    .where(and(eq(trainings.seq, seq), isNull(trainings.revertedAt)))
    .returning();
  return row;
}

/** Copies of one message differ little: so many tell what it is like. */
const copies = 20;

const strengths = `select m.flag_id as id, s.key as name, avg(least(1, greatest(0, s.value::text::float8))) as strength
  from flags f
  join lateral (select flag_id, features from messages where flag_id = f.id order by at desc limit ${copies}) m on true
  join lateral jsonb_each(m.features) s on jsonb_typeof(s.value) = 'number'
 where f.id in (select jsonb_array_elements_text($1::text::jsonb))
 group by m.flag_id, s.key`;

/** The flags of messages that were resolved last, with the mean strengths of what is kept of their messages. */
export async function judgedFlags(reader: Reader, most: number): Promise<JudgedFlag[]> {
  const rows = await reader
    .select({ id: flags.id, state: flags.state })
    .from(flags)
    .where(and(eq(flags.kind, 'message'), inArray(flags.state, ['confirmed', 'dismissed'])))
    .orderBy(desc(flags.resolvedAt), desc(flags.seq))
    .limit(most);
  const found = await ask<{ readonly id: string; readonly name: string; readonly strength: number }>(
    reader,
    strengths,
    [JSON.stringify(rows.map(({ id }) => id))],
  );
  const features = new Map<string, Record<string, number>>();
  for (const { id, name, strength } of found) features.set(id, { ...features.get(id), [name]: strength });
  return rows.flatMap(({ id, state }) => {
    const kept = features.get(id);
    return kept === undefined ? [] : [{ id, confirmed: state === 'confirmed', features: kept }];
  });
}
