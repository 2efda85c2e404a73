import { bigint, bigserial, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytes, moment } from './columns.ts';

/**
 * What happened, written in the transaction that did it. `link` is the place of the hash chain, sealed at commit
 * once the chain is in force.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    seq: bigserial({ mode: 'number' }).primaryKey(),
    id: text().notNull(),
    at: moment().notNull(),
    kind: text().notNull(),
    actorKind: text().notNull(),
    actorId: text().notNull(),
    accountId: text(),
    sessionId: text(),
    orderId: text(),
    source: text(),
    requestId: text(),
    detail: jsonb(),
    link: bytes(),
  },
  (table) => [
    index('audit_account').on(table.accountId, table.seq),
    index('audit_kind').on(table.kind, table.seq),
  ],
);

/** The policy in force: one row, only what differs from the defaults. */
export const policyRow = pgTable('policy', {
  id: integer().primaryKey(),
  version: bigint({ mode: 'number' }).notNull(),
  overrides: jsonb().notNull(),
  updatedAt: moment().notNull(),
});

/** Which key ring this database was made with: a node with another one would judge every password wrong. */
export const installation = pgTable('installation', {
  id: integer().primaryKey(),
  keyFingerprint: text().notNull(),
  createdAt: moment().notNull(),
});

/** Answers kept for 24 h, so that an operator's repeated POST is done once. */
export const idempotency = pgTable(
  'idempotency',
  {
    principalId: text().notNull(),
    key: text().notNull(),
    requestHash: bytes().notNull(),
    status: integer(),
    body: text(),
    createdAt: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.principalId, table.key] })],
);
