/** What Dovecot says: its policy client, our passdb script, and its event exporter. Other fields are left aside. */
import { z } from 'zod';
import { processRef } from './agent.ts';
import { address, anyLogin, password } from './fields.ts';

const text = z.string().max(1024);

/** `auth_policy_request_attributes` as they are by default; `report` adds the last three. */
export const policyQuestion = z.object({
  login: anyLogin,
  remote: text.default(''),
  /** The first bits of a salted digest: tells wrong passwords apart, and nothing else. */
  pwhash: z
    .string()
    .regex(/^[0-9a-f]{0,128}$/)
    .default(''),
  protocol: text.default(''),
  success: z.boolean().optional(),
  policy_reject: z.boolean().optional(),
  fail_type: text.optional(),
});

/** What `deploy/dovecot/gatehouse.lua` sends. */
export const passdbQuestion = z.object({
  login: anyLogin,
  password,
  service: text,
  remote: text.default(''),
  remote_port: z.coerce.number().int().min(0).max(65_535).optional(),
  /** Dovecot's name for the connection; empty where there is none, as for Postfix. */
  session: z.string().max(128).default(''),
});

/** What the same script sends at the last step of a login: the process that serves it, as the kernel knows it. */
export const processReport = z.object({
  session: z.string().min(1).max(128),
  pid: z.coerce.number().pipe(processRef.shape.pid),
  start: processRef.shape.start,
  boot_id: processRef.shape.boot_id,
});

/** An event as `format = json` writes it. */
export const exportedEvent = z.object({
  event: text,
  hostname: text.optional(),
  fields: z.object({
    user: z.string().max(255).optional(),
    session: z.string().max(128).optional(),
    remote_ip: address.optional(),
    remote_port: z.number().int().min(1).max(65_535).optional(),
    error: text.optional(),
  }),
});

/** A guess as a daemon tells of it that judges passwords itself. */
export interface DaemonGuess {
  readonly store: 'mail';
  readonly channel: string;
  readonly login: string;
  /** Stands for the password, so that the same wrong one is known again. */
  readonly password: string;
  readonly source_ip?: string | undefined;
  readonly name_unknown?: boolean | undefined;
}

const channels: Readonly<Record<string, string>> = {
  imap: 'imap',
  pop3: 'pop3',
  smtp: 'smtp',
  submission: 'smtp',
  // Filters of a mailbox are changed with the mailbox's password.
  sieve: 'imap',
};

/** The channel that one of Dovecot's services is; undefined for those that log nobody in. */
export function mailChannel(service: string): string | undefined {
  return Object.hasOwn(channels, service) ? channels[service] : undefined;
}

export type PolicyQuestion = z.infer<typeof policyQuestion>;
export type PassdbQuestion = z.infer<typeof passdbQuestion>;
export type ProcessReport = z.infer<typeof processReport>;
export type ExportedEvent = z.infer<typeof exportedEvent>;
