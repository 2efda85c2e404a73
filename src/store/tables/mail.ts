import { sql } from 'drizzle-orm';
import { bigserial, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { accounts } from './accounts.ts';
import { bytes, moment } from './columns.ts';
import { credentials } from './credentials.ts';

/** Tokens that travel by mail: only their SHA-256 is kept; each is good for one purpose, once, for a while. */
export const mailedTokens = pgTable(
  'mailed_tokens',
  {
    tokenHash: bytes().primaryKey(),
    purpose: text({ enum: ['reset', 'email', 'secure'] }).notNull(),
    accountId: text()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    detail: jsonb(),
    source: text(),
    createdAt: moment().notNull(),
    expiresAt: moment().notNull(),
    /** When it was used, denied by its owner, or overtaken by a newer one: it is over then. */
    spentAt: moment(),
    outcome: text({ enum: ['used', 'denied', 'superseded'] }),
  },
  (table) => [
    index('mailed_tokens_account').on(table.accountId, table.purpose, table.createdAt),
    index('mailed_tokens_expiry').on(table.expiresAt),
  ],
);

/** Asked-for resets, as they came: whether the name exists is looked up later, so that the answer cannot tell. */
export const resetRequests = pgTable(
  'reset_requests',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    named: text().notNull(),
    source: text(),
    askedBy: text().notNull(),
    requestId: text().notNull(),
    createdAt: moment().notNull(),
    handledAt: moment(),
    /** sent, unknown, held back … for the operator; the requester hears the same for all. */
    outcome: text(),
  },
  (table) => [
    index('reset_requests_waiting').on(table.id).where(sql`handled_at is null`),
    index('reset_requests_source').on(table.source, table.createdAt),
    index('reset_requests_created').on(table.createdAt),
  ],
);

/** Mail that must go out, written in the transaction that it tells of. */
export const mails = pgTable(
  'mails',
  {
    id: text().primaryKey(),
    accountId: text().references(() => accounts.id, { onDelete: 'cascade' }),
    kind: text().notNull(),
    /** Address and facts, AES-256-GCM: a link in it is a secret until it is delivered. Gone once sent. */
    sealed: bytes(),
    createdAt: moment().notNull(),
    dueAt: moment().notNull(),
    tries: integer().notNull().default(0),
    /** Of its words (domain/own-mail): by it a mail of ours is known again, when its text is long gone. */
    textDigest: bytes(),
    lastFault: text(),
    sentAt: moment(),
    /** Given up after the last try. */
    failedAt: moment(),
  },
  (table) => [
    index('mails_due').on(table.dueAt).where(sql`sent_at is null and failed_at is null`),
    index('mails_account').on(table.accountId, table.kind, table.createdAt),
  ],
);

/** The last password, kept for a while as a hash to recognise a device that still uses it. It lets nobody in. */
export const previousPasswords = pgTable('previous_passwords', {
  credentialId: text()
    .primaryKey()
    .references(() => credentials.id, { onDelete: 'cascade' }),
  hash: text().notNull(),
  changedAt: moment().notNull(),
  expiresAt: moment().notNull(),
});

/** Where an owner was told of already: one mail a device and credential, not one a try. */
export const toldSources = pgTable(
  'told_sources',
  {
    credentialId: text().notNull(),
    prefix: text().notNull(),
    kind: text().notNull(),
    toldAt: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.credentialId, table.prefix, table.kind] })],
);
