import { bigint, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** The counters of guesses (domain/throttle), one row a budget. */
export const attempts = pgTable(
  'attempts',
  {
    key: text().primaryKey(),
    failures: integer().notNull().default(0),
    digests: text().array().notNull(),
    repeats: integer().notNull().default(0),
    windowStartedAt: bigint({ mode: 'number' }).notNull().default(0),
    blockedUntil: bigint({ mode: 'number' }).notNull().default(0),
    touchedAt: moment().notNull(),
  },
  (table) => [index('attempts_touched').on(table.touchedAt)],
);

/**
 * Sources from which a credential was shown well: they keep a budget of their own. By credential, not by name: another
 * account may hold the same login on another store.
 */
export const knownSources = pgTable(
  'known_sources',
  { credentialId: text().notNull(), prefix: text().notNull(), lastAt: moment().notNull() },
  (table) => [primaryKey({ columns: [table.credentialId, table.prefix] })],
);
