import { sql } from 'drizzle-orm';
import { bigint, bigserial, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytes, moment } from './columns.ts';

/** Where events are told: an endpoint of somebody else's, what it wants to hear, and what ours are signed with. */
export const webhooks = pgTable('webhooks', {
  id: text().primaryKey(),
  url: text().notNull(),
  events: text().array().notNull(),
  /** AES-256-GCM: it signs every delivery, so it must be read again. */
  secret: bytes().notNull(),
  /** The one before, which signs beside it until then. */
  previousSecret: bytes(),
  previousUntil: moment(),
  /** The client or operator who made it. */
  createdBy: text().notNull(),
  createdAt: moment().notNull(),
  disabledAt: moment(),
  disabledBecause: text({ enum: ['asked', 'gone', 'failing', 'client_revoked'] }),
  /** Since when nothing got through; null when the last delivery did. */
  failingSince: moment(),
});

/** The outbox: one event for one endpoint, written in the transaction of the event. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    webhookId: text()
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    /** What it tells of is read from the audit event when it is sent; its id is the message's. */
    eventId: text().notNull(),
    eventSeq: bigint({ mode: 'number' }).notNull(),
    event: text().notNull(),
    /** When it was written, or last replayed: from here runs the day of its tries. */
    queuedAt: moment().notNull(),
    dueAt: moment().notNull(),
    /** Somebody is at it, until then. */
    leasedUntil: moment(),
    attempts: integer().notNull().default(0),
    attemptedAt: moment(),
    lastStatus: integer(),
    lastFault: text(),
    deliveredAt: moment(),
    /** Given up after the last try. */
    failedAt: moment(),
  },
  (table) => [
    primaryKey({ columns: [table.webhookId, table.eventId] }),
    index('webhook_deliveries_due')
      .on(table.webhookId, table.dueAt)
      .where(sql`delivered_at is null and failed_at is null`),
    index('webhook_deliveries_order').on(table.webhookId, table.eventSeq),
    index('webhook_deliveries_queued').on(table.queuedAt),
  ],
);

/** What operators are told by mail: gathered here, and sent together. */
export const operatorNotices = pgTable(
  'operator_notices',
  {
    seq: bigserial({ mode: 'number' }).primaryKey(),
    /** `flag` or `webhook`. */
    about: text().notNull(),
    /** The id of what it is about. */
    ref: text().notNull(),
    kind: text().notNull(),
    accountId: text(),
    at: moment().notNull(),
    toldAt: moment(),
  },
  (table) => [
    index('operator_notices_waiting').on(table.seq).where(sql`told_at is null`),
    index('operator_notices_at').on(table.at),
  ],
);

/** When operators were last told, and how long the pause after it is: one row. */
export const operatorDigest = pgTable('operator_digest', {
  id: integer().primaryKey(),
  lastAt: moment(),
  gapMs: bigint({ mode: 'number' }).notNull(),
});
