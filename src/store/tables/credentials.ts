import { bigint, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { accounts } from './accounts.ts';
import { moment } from './columns.ts';

export const credentials = pgTable(
  'credentials',
  {
    id: text().primaryKey(),
    accountId: text()
      .notNull()
      .references(() => accounts.id),
    store: text({ enum: ['panel', 'ftp', 'ssh', 'mail'] }).notNull(),
    login: text().notNull(),
    hash: text().notNull(),
    scheme: text().notNull(),
    /** Grows with every change of the secret, factor or status; sessions and cached verdicts die with their epoch. */
    epoch: bigint({ mode: 'number' }).notNull().default(1),
    createdAt: moment().notNull(),
    updatedAt: moment().notNull(),
    lastUsedAt: moment(),
    /** Set for one that came in locked: no password opens it until a new one is set. */
    lockedAt: moment(),
  },
  (table) => [
    uniqueIndex('credentials_store_login').on(table.store, table.login),
    index('credentials_account').on(table.accountId),
  ],
);
