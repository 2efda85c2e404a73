import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

export const accounts = pgTable(
  'accounts',
  {
    id: text().primaryKey(),
    login: text().notNull(),
    email: text(),
    /** When its owner proved to read that mailbox; notices and resets go there either way. */
    emailConfirmedAt: moment(),
    status: text({ enum: ['active', 'suspended', 'closed'] })
      .notNull()
      .default('active'),
    /** `all` ends live sessions too; `logins` only keeps new ones out. */
    suspendLevel: text({ enum: ['all', 'logins'] }),
    statusReason: text(),
    unixUid: integer(),
    unixGid: integer(),
    unixHome: text(),
    unixShell: text(),
    createdAt: moment().notNull(),
    updatedAt: moment().notNull(),
  },
  (table) => [
    uniqueIndex('accounts_login').on(table.login),
    // Resets by address: several accounts may share one.
    index('accounts_email').on(sql`lower(email)`),
  ],
);
