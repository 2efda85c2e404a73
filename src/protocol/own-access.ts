/** What customers make beside their passwords: app passwords, grants, SSH keys (contract section 9). */
import { z } from 'zod';
import { canonicalAddress, canonicalRange } from '../domain/source.ts';
import { line, moment, newLogin, store } from './fields.ts';

/** An address or a range; answered in its one spelling, without bits beyond the prefix. */
const range = z
  .string()
  .max(64)
  .transform((text, ctx) => {
    const canonical = canonicalRange(text);
    if (canonical !== undefined) return canonical;
    ctx.addIssue({
      code: 'custom',
      message: 'must be an IPv4 or IPv6 address, or a range like 203.0.113.0/24',
    });
    return z.NEVER;
  })
  .meta({ id: 'SourceRange', type: 'string' });
const oneAddress = z
  .string()
  .max(64)
  .transform((text, ctx) => {
    const canonical = canonicalAddress(text);
    if (canonical !== undefined) return canonical;
    ctx.addIssue({ code: 'custom', message: 'must be an IPv4 or IPv6 address' });
    return z.NEVER;
  });
/** The panel has sessions of its own and asks for a second factor itself. */
const programStore = store.exclude(['panel']);
const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

export const newAppPassword = z.strictObject({
  store: programStore,
  label: line(64),
  /** The login of that store; the account's own when left out. */
  login: newLogin.optional(),
  expires_at: moment.optional(),
  source: range.optional(),
  read_only: z.boolean().default(false),
});
const appPasswordFields = z.object({
  id: z.string(),
  store: programStore,
  login: z.string(),
  label: z.string(),
  source: z.string().nullable(),
  read_only: z.boolean(),
  created_at: moment,
  expires_at: moment.nullable(),
  last_used_at: moment.nullable(),
  last_used_from: z.string().nullable(),
});
export const appPassword = appPasswordFields.meta({ id: 'AppPassword' });
/** Shown once: only a keyed digest of it is kept. */
export const madeAppPassword = appPasswordFields
  .extend({ password: z.string() })
  .meta({ id: 'NewAppPassword' });
export const appPasswordList = listOf(appPassword);

export const newGrant = z.strictObject({
  store: programStore,
  source_ip: oneAddress,
  hours: z.number().int().min(1).max(24),
});
export const grant = z
  .object({
    id: z.string(),
    store: programStore,
    source_ip: z.string(),
    created_at: moment,
    expires_at: moment,
  })
  .meta({ id: 'Grant' });
export const grantList = listOf(grant);

export const newSshKey = z.strictObject({
  /** One line of a public key file, without options. */
  key: z.string().min(1).max(4096),
  /** The key's own comment when left out. */
  label: line(64).optional(),
  login: newLogin.optional(),
  source: range.optional(),
  expires_at: moment.optional(),
});
export const sshKey = z
  .object({
    id: z.string(),
    login: z.string(),
    type: z.string(),
    fingerprint: z.string(),
    label: z.string(),
    source: z.string().nullable(),
    created_at: moment,
    expires_at: moment.nullable(),
    last_used_at: moment.nullable(),
  })
  .meta({ id: 'SshKey' });
export const sshKeyList = listOf(sshKey);

export type NewAppPassword = z.infer<typeof newAppPassword>;
export type AppPassword = z.infer<typeof appPassword>;
export type MadeAppPassword = z.infer<typeof madeAppPassword>;
export type NewGrant = z.infer<typeof newGrant>;
export type Grant = z.infer<typeof grant>;
export type NewSshKey = z.infer<typeof newSshKey>;
export type SshKeyView = z.infer<typeof sshKey>;
export interface ListOf<T> {
  readonly items: readonly T[];
  readonly next_cursor: null;
}
