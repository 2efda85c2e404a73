import { bigint, boolean, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** How far an import came: written in the transaction of each batch, so that a broken one goes on where it was. */
export const imports = pgTable('imports', {
  id: text().primaryKey(),
  /** SHA-256 of the file; of one that came as a stream, a name of its own. */
  fingerprint: text().notNull(),
  format: text().notNull(),
  store: text({ enum: ['panel', 'ftp', 'ssh', 'mail'] }).notNull(),
  overwrite: boolean().notNull(),
  lastLine: bigint({ mode: 'number' }).notNull().default(0),
  counts: jsonb().notNull(),
  startedAt: moment().notNull(),
  updatedAt: moment().notNull(),
  finishedAt: moment(),
});
