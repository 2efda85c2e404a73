import { bigint, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { accounts } from './accounts.ts';
import { moment } from './columns.ts';
import { flags } from './flags.ts';

/** How far the audit events were looked at for patterns, and which node does it: one row. */
export const patternWatch = pgTable('pattern_watch', {
  id: integer().primaryKey(),
  /** Every event up to here was seen, but for the gaps. */
  head: bigint({ mode: 'number' }).notNull(),
  /** Numbers below that were not there: they may still be committed (store/pattern-watch). */
  gaps: jsonb().notNull(),
  holder: text().notNull(),
  heldUntil: moment().notNull(),
});

/** What follows for an account from a flag, for a while (domain/patterns): of a pattern, or of a confirmed message. */
export const accountEffects = pgTable(
  'account_effects',
  {
    accountId: text()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** What it follows from: a pattern's name, or `message`. */
    pattern: text().notNull(),
    effect: text({ enum: ['slow_mails', 'second_factor', 'lock'] }).notNull(),
    /** A place that came in at the end of the pattern: it is a stranger's, however well it is known by now. */
    entered: text(),
    flagId: text().references(() => flags.id, { onDelete: 'set null' }),
    seenAt: moment().notNull(),
    expiresAt: moment().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.pattern] }),
    index('account_effects_flag').on(table.flagId),
  ],
);
