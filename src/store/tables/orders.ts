import { bigint, boolean, cidr, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** One forced logoff: who asked, whom it meant, why. */
export const orders = pgTable('orders', {
  id: text().primaryKey(),
  selector: jsonb().notNull(),
  reason: text().notNull(),
  requestedBy: text().notNull(),
  createdAt: moment().notNull(),
  /** False while rows that it matched wait for the tidying; the cut-off holds meanwhile. */
  tidied: boolean().notNull(),
});

/** The sessions of a host that an order waits for; their state stands on the session itself. */
export const orderDoors = pgTable(
  'order_doors',
  { orderId: text().notNull(), sessionId: text().notNull() },
  (table) => [
    primaryKey({ columns: [table.orderId, table.sessionId] }),
    index('order_doors_session').on(table.sessionId),
  ],
);

/**
 * A bulk logoff in force: every session opened before `upTo` that fits is dead from the commit on. Rows go when
 * the tidying has reached all of them.
 */
export const cutoffs = pgTable('cutoffs', {
  orderId: text().primaryKey(),
  upTo: bigint({ mode: 'number' }).notNull(),
  store: text(),
  channel: text(),
  host: text(),
  source: cidr(),
  openedBefore: moment(),
  createdAt: moment().notNull(),
});
