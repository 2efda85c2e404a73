import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { accounts } from './accounts.ts';
import { bytes, moment } from './columns.ts';

const owner = () =>
  text()
    .notNull()
    .references(() => accounts.id, { onDelete: 'cascade' });

/** The code generator of an account: one, and it counts only once a code of it was shown. */
export const totp = pgTable('totp', {
  accountId: text()
    .primaryKey()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  /** AES-256-GCM with the account's id as associated data; null until one was confirmed. */
  sealedSecret: bytes(),
  confirmedAt: moment(),
  /** The next one, shown to its owner and not confirmed yet: the old one works until then. */
  sealedPending: bytes(),
  /** The last step whose code was accepted: a code works once. */
  lastStep: bigint({ mode: 'number' }).notNull().default(-1),
  createdAt: moment().notNull(),
});

export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    /** HMAC of the code under the installation's digest key. */
    codeHash: bytes().primaryKey(),
    accountId: owner(),
    createdAt: moment().notNull(),
    spentAt: moment(),
  },
  (table) => [index('recovery_codes_account').on(table.accountId)],
);

export const passkeys = pgTable(
  'passkeys',
  {
    id: text().primaryKey(),
    accountId: owner(),
    /** The credential id of WebAuthn, base64url. */
    webauthnId: text().notNull(),
    /** COSE key. */
    publicKey: bytes().notNull(),
    signCount: bigint({ mode: 'number' }).notNull(),
    transports: text().array().notNull(),
    /** Whether it may be copied to the owner's other devices, and was. */
    backupEligible: boolean().notNull(),
    backedUp: boolean().notNull(),
    label: text().notNull(),
    createdAt: moment().notNull(),
    lastUsedAt: moment(),
  },
  (table) => [
    uniqueIndex('passkeys_webauthn').on(table.webauthnId),
    index('passkeys_account').on(table.accountId),
  ],
);

/**
 * A login half done: the password was right, a second factor is awaited. Or a WebAuthn ceremony under way. Only the
 * SHA-256 of its id is kept: whoever knows the id holds half of a login.
 */
export const challenges = pgTable(
  'challenges',
  {
    idHash: bytes().primaryKey(),
    purpose: text({
      enum: ['login', 'passkey_login', 'passkey_add', 'reauthentication', 'talk'],
    }).notNull(),
    accountId: text().references(() => accounts.id, { onDelete: 'cascade' }),
    /** The caller that began it: nobody else may finish it. */
    askedBy: text().notNull(),
    /** What was asked for, to be checked again when it is redeemed. */
    entry: jsonb().notNull(),
    /** WebAuthn's challenge, base64url. */
    webauthn: text(),
    tries: integer().notNull().default(0),
    createdAt: moment().notNull(),
    expiresAt: moment().notNull(),
    spentAt: moment(),
  },
  (table) => [
    index('challenges_expiry').on(table.expiresAt),
    index('challenges_account').on(table.accountId, table.createdAt),
  ],
);

/** Secrets for one program at one store: made here, long enough that a keyed digest protects them. */
export const appPasswords = pgTable(
  'app_passwords',
  {
    id: text().primaryKey(),
    accountId: owner(),
    /** The login of a store that it opens. */
    credentialId: text().notNull(),
    secretHash: bytes().notNull(),
    label: text().notNull(),
    /** An address or a range; it works from nowhere else. */
    source: text(),
    readOnly: boolean().notNull().default(false),
    createdAt: moment().notNull(),
    expiresAt: moment(),
    lastUsedAt: moment(),
    lastUsedFrom: text(),
    revokedAt: moment(),
  },
  (table) => [
    uniqueIndex('app_passwords_secret').on(table.secretHash),
    index('app_passwords_account').on(table.accountId),
    index('app_passwords_credential').on(table.credentialId),
  ],
);

/** A store that takes the password alone from one address for some hours, approved with a second factor. */
export const grants = pgTable(
  'grants',
  {
    id: text().primaryKey(),
    accountId: owner(),
    store: text({ enum: ['panel', 'ftp', 'ssh', 'mail'] }).notNull(),
    sourceIp: text().notNull(),
    /** The session that approved it. */
    sessionId: text().notNull(),
    createdAt: moment().notNull(),
    expiresAt: moment().notNull(),
    revokedAt: moment(),
  },
  (table) => [
    index('grants_live').on(table.accountId, table.store, table.sourceIp).where(sql`revoked_at is null`),
  ],
);

/** Public keys that sshd asks for (AuthorizedKeysCommand). */
export const sshKeys = pgTable(
  'ssh_keys',
  {
    id: text().primaryKey(),
    accountId: owner(),
    credentialId: text().notNull(),
    type: text().notNull(),
    /** base64, as in authorized_keys. */
    key: text().notNull(),
    /** SHA256:… as ssh-keygen shows it. */
    fingerprint: text().notNull(),
    label: text().notNull(),
    source: text(),
    createdAt: moment().notNull(),
    expiresAt: moment(),
    lastUsedAt: moment(),
    revokedAt: moment(),
  },
  (table) => [
    uniqueIndex('ssh_keys_live').on(table.credentialId, table.fingerprint).where(sql`revoked_at is null`),
    index('ssh_keys_account').on(table.accountId),
  ],
);
