import { sql } from 'drizzle-orm';
import { pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytes, moment } from './columns.ts';

/** Machines that call: panels, host agents, mail gateways. */
export const clients = pgTable(
  'clients',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    keyHash: bytes().notNull(),
    scopes: text().array().notNull(),
    /** An agent's key may be bound to one host name. */
    host: text(),
    createdAt: moment().notNull(),
    revokedAt: moment(),
  },
  (table) => [
    uniqueIndex('clients_key_hash').on(table.keyHash),
    uniqueIndex('clients_name').on(table.name).where(sql`revoked_at is null`),
  ],
);

/** Authorised personnel. */
export const operators = pgTable(
  'operators',
  {
    id: text().primaryKey(),
    login: text().notNull(),
    role: text({ enum: ['admin', 'support', 'auditor'] }).notNull(),
    /** Where the house writes to, when something is for the staff to see. */
    email: text(),
    tokenHash: bytes().notNull(),
    createdAt: moment().notNull(),
    revokedAt: moment(),
  },
  (table) => [
    uniqueIndex('operators_token_hash').on(table.tokenHash),
    uniqueIndex('operators_login').on(table.login).where(sql`revoked_at is null`),
  ],
);

/** Hosts whose agents have reported. */
export const hosts = pgTable('hosts', {
  name: text().primaryKey(),
  clientId: text().notNull(),
  bootId: text().notNull(),
  version: text().notNull(),
  lastContactAt: moment().notNull(),
});
