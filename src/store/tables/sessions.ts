import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  inet,
  integer,
  pgSequence,
  pgTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { bytes, moment } from './columns.ts';

/** The order in which sessions were opened, whatever the nodes' clocks say; bulk logoffs cut at a number of it. */
export const sessionSeq = pgSequence('session_seq', { cache: 1 });

export const sessions = pgTable(
  'sessions',
  {
    id: text().primaryKey(),
    seq: bigint({ mode: 'number' }).notNull().default(sql`nextval('session_seq')`),
    /** SHA-256 of the token; null for sessions that a host's agent opened and that carry none. */
    tokenHash: bytes(),
    accountId: text().notNull(),
    /** The credential that opened it; null where none did (an SSH key kept on the host). */
    credentialId: text(),
    credentialEpoch: bigint({ mode: 'number' }),
    login: text().notNull(),
    store: text({ enum: ['panel', 'ftp', 'ssh', 'mail'] }).notNull(),
    channel: text().notNull(),
    profile: text({ enum: ['standard', 'public', 'operator'] }).notNull(),
    method: text().notNull(),
    /** What let it in beside or instead of the password: the session ends when that is revoked. */
    appPasswordId: text(),
    grantId: text(),
    sshKeyId: text(),
    /** When its holder last showed a secret, and a second factor: what weakens an account asks for a fresh one. */
    freshAt: moment(),
    factorAt: moment(),
    host: text(),
    sourceIp: inet(),
    sourcePort: integer(),
    userAgent: text(),
    device: text(),
    openedAt: moment().notNull(),
    lastSeenAt: moment().notNull(),
    idleMs: integer().notNull(),
    absoluteAt: moment().notNull(),
    endedAt: moment(),
    endReason: text(),
    orderId: text(),
    /** The process that is the session on its host: pid, its start time and the boot it belongs to. */
    pid: integer(),
    pidStart: text(),
    bootId: text(),
    /** What its daemon calls it, where no agent of ours opened it: its own feed says when it begins and ends. */
    doorRef: text(),
    adopted: boolean().notNull().default(false),
    /** The receipt of its door, for sessions that live in processes: open, pending, ended, not_proven. */
    doorState: text({ enum: ['open', 'pending', 'ended', 'not_proven'] }),
    doorAt: moment(),
    doorDetail: text(),
  },
  (table) => [
    uniqueIndex('sessions_token_hash').on(table.tokenHash),
    uniqueIndex('sessions_seq').on(table.seq),
    index('sessions_account').on(table.accountId, table.seq),
    index('sessions_live_credential').on(table.credentialId).where(sql`ended_at is null`),
    index('sessions_live_seen').on(table.lastSeenAt).where(sql`ended_at is null`),
    index('sessions_live_seq').on(table.seq).where(sql`ended_at is null`),
    index('sessions_order').on(table.orderId, table.seq).where(sql`order_id is not null`),
    uniqueIndex('sessions_live_process')
      .on(table.host, table.bootId, table.pid, table.pidStart)
      .where(sql`ended_at is null and pid is not null`),
    uniqueIndex('sessions_live_door')
      .on(table.host, table.doorRef)
      .where(sql`ended_at is null and door_ref is not null`),
    index('sessions_live_app_password')
      .on(table.appPasswordId)
      .where(sql`ended_at is null and app_password_id is not null`),
    index('sessions_live_grant').on(table.grantId).where(sql`ended_at is null and grant_id is not null`),
    index('sessions_live_ssh_key').on(table.sshKeyId).where(sql`ended_at is null and ssh_key_id is not null`),
    index('sessions_host_open').on(table.host, table.seq).where(sql`door_state <> 'ended'`),
  ],
);
