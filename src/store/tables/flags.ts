import { sql } from 'drizzle-orm';
import {
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  real,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { flagKinds, flagStates } from '../../domain/flag.ts';
import { media } from '../../domain/message.ts';
import { accounts } from './accounts.ts';
import { bytes, moment } from './columns.ts';

/** Unsolicited password requests and patterns of them. Of the same suspicion at most one is open. */
export const flags = pgTable(
  'flags',
  {
    id: text().primaryKey(),
    /** Their order, for lists. */
    seq: bigserial({ mode: 'number' }).notNull(),
    kind: text({ enum: flagKinds }).notNull(),
    state: text({ enum: flagStates }).notNull().default('open'),
    /** Digest of what makes two suspicions the same (domain/flag). */
    sameKey: text().notNull(),
    accountId: text().references(() => accounts.id, { onDelete: 'cascade' }),
    source: text(),
    /** 0..1, the highest so far. */
    score: real().notNull(),
    summary: text().notNull(),
    evidence: jsonb().notNull(),
    count: integer().notNull(),
    firstSeenAt: moment().notNull(),
    lastSeenAt: moment().notNull(),
    resolvedAt: moment(),
    resolvedBy: text(),
    note: text(),
    /** Confirmed, and what follows for accounts is in force up to this one's id; null where nothing is left to do. */
    followFrom: text(),
  },
  (table) => [
    uniqueIndex('flags_open').on(table.sameKey).where(sql`state = 'open'`),
    uniqueIndex('flags_seq').on(table.seq),
    index('flags_same').on(table.sameKey, table.resolvedAt),
    index('flags_state').on(table.state, table.seq),
    index('flags_account').on(table.accountId, table.seq),
    index('flags_seen').on(table.lastSeenAt),
    index('flags_follow').on(table.resolvedAt).where(sql`follow_from is not null`),
    index('flags_resolved').on(table.resolvedAt).where(sql`state <> 'open'`),
  ],
);

/** What became of a flag, and what was done because of it. */
export const flagEvents = pgTable(
  'flag_events',
  {
    seq: bigserial({ mode: 'number' }).primaryKey(),
    flagId: text()
      .notNull()
      .references(() => flags.id, { onDelete: 'cascade' }),
    at: moment().notNull(),
    /** `raised`, `confirmed`, `dismissed`, or the name of what was done. */
    what: text().notNull(),
    actorKind: text().notNull(),
    actorId: text().notNull(),
    note: text(),
    detail: jsonb(),
  },
  (table) => [index('flag_events_flag').on(table.flagId, table.seq)],
);

/** What is kept of a judged message, a row for each account that it was for, for a while: never its text, except a flagged one's, without what looks secret. */
export const messages = pgTable(
  'messages',
  {
    id: text().primaryKey(),
    at: moment().notNull(),
    medium: text({ enum: media }).notNull(),
    direction: text({ enum: ['inbound', 'outbound'] }).notNull(),
    /** Who handed it in: a gateway, or the customer who reported it. */
    origin: text({ enum: ['scan', 'report'] }).notNull(),
    accountId: text().references(() => accounts.id, { onDelete: 'cascade' }),
    senderDomain: text(),
    verdict: text({ enum: ['password_request', 'clear'] }).notNull(),
    score: real().notNull(),
    solicited: boolean().notNull(),
    flagged: boolean().notNull(),
    flagId: text().references(() => flags.id, { onDelete: 'set null' }),
    /** Strengths of its signals by name: what `detector train` learns from. */
    features: jsonb().notNull(),
    /** Near-duplicates (MinHash): the sketch, and its bands to find candidates by. Null where there were too few words. */
    sketch: integer().array(),
    bands: integer().array(),
    redacted: text(),
    expiresAt: moment().notNull(),
  },
  (table) => [
    index('messages_bands').using('gin', table.bands),
    index('messages_account').on(table.accountId, table.at),
    index('messages_flag').on(table.flagId),
    index('messages_expiry').on(table.expiresAt),
  ],
);

/** The first of many copies, by which the others are told. It stays as long as a flag of it does. */
export const campaigns = pgTable(
  'campaigns',
  {
    /** Of its first message. */
    id: text().primaryKey(),
    /** That of its flags. */
    sameKey: text().notNull(),
    sketch: integer().array().notNull(),
    bands: integer().array().notNull(),
    foundedAt: moment().notNull(),
  },
  (table) => [index('campaigns_bands').using('gin', table.bands)],
);

/** Genuine messages and calls that the host announced: a customer checks one by its code. */
export const contacts = pgTable(
  'contacts',
  {
    id: text().primaryKey(),
    accountId: text()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    medium: text({ enum: media }).notNull(),
    purpose: text().notNull(),
    /** HMAC of the code under the installation's digest key. */
    codeHash: bytes().notNull(),
    announcedBy: text().notNull(),
    createdAt: moment().notNull(),
    expiresAt: moment().notNull(),
    /** When its customer first looked it up. */
    checkedAt: moment(),
  },
  (table) => [
    uniqueIndex('contacts_code').on(table.accountId, table.codeHash),
    index('contacts_open').on(table.accountId, table.expiresAt),
  ],
);

/** What customers reported: calls and messages that asked for something. */
export const reports = pgTable(
  'reports',
  {
    id: text().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    accountId: text()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    messageId: text().references(() => messages.id, { onDelete: 'set null' }),
    flagId: text().references(() => flags.id, { onDelete: 'set null' }),
    medium: text({ enum: media }).notNull(),
    verdict: text({ enum: ['password_request', 'clear'] }).notNull(),
    /** The customer says that the password was given. */
    answered: boolean().notNull(),
    createdAt: moment().notNull(),
    expiresAt: moment().notNull(),
  },
  (table) => [
    index('reports_account').on(table.accountId, table.createdAt),
    index('reports_flag').on(table.flagId),
    index('reports_expiry').on(table.expiresAt),
  ],
);

/** What operators' confirmations and dismissals taught the detector; the latest that was not taken back is in force. */
export const trainings = pgTable('trainings', {
  seq: bigserial({ mode: 'number' }).primaryKey(),
  at: moment().notNull(),
  trainedBy: text().notNull(),
  /** `{of: {signal: number}}`, added to the shipped weights. */
  offsets: jsonb().notNull(),
  confirmed: integer().notNull(),
  dismissed: integer().notNull(),
  /** How the judged ones came out by the shipped weights, and by what others taught. */
  before: jsonb().notNull(),
  after: jsonb().notNull(),
  revertedAt: moment(),
});
