/** The shapes of flags (contract section 10). */
import { z } from 'zod';
import { flagKinds, flagStates } from '../domain/flag.ts';
import { media } from '../domain/message.ts';
import { page } from './api.ts';
import { moment } from './fields.ts';

export const flagQuery = page.extend({
  state: z.enum(flagStates).optional(),
  kind: z.enum(flagKinds).optional(),
  account_id: z.string().min(1).max(64).optional(),
});

/** Several lines, and nothing that a terminal obeys. */
const note = z
  .string()
  .trim()
  .min(1)
  .max(1000)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  .regex(/^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$/, 'must be text without control characters');

export const flagResolution = z.strictObject({ state: z.enum(['confirmed', 'dismissed']), note });

export const flag = z
  .object({
    id: z.string(),
    kind: z.enum(flagKinds),
    state: z.enum(flagStates),
    account_id: z
      .string()
      .nullable()
      .meta({ description: 'Null where several accounts, or none, are meant.' }),
    source: z.string().nullable(),
    score: z.number(),
    summary: z.string(),
    count: z.number(),
    first_seen_at: moment,
    last_seen_at: moment,
    resolved_at: moment.nullable(),
    resolved_by: z.string().nullable(),
    note: z.string().nullable().meta({ description: 'For operators alone.' }),
  })
  .meta({ id: 'Flag' });
export const flagList = z.object({ items: z.array(flag), next_cursor: z.string().nullable() });

const history = z.object({
  at: moment,
  what: z
    .string()
    .meta({ description: '`raised`, `confirmed`, `dismissed`, or what was done because of it.' }),
  actor: z.object({ kind: z.string(), id: z.string() }),
  note: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable(),
});
const flaggedMessage = z.object({
  id: z.string(),
  at: moment,
  medium: z.enum(media),
  direction: z.enum(['inbound', 'outbound']),
  origin: z.enum(['scan', 'report']),
  account_id: z.string().nullable(),
  sender_domain: z.string().nullable(),
  score: z.number(),
  expires_at: moment,
  text: z.string().nullable().meta({ description: 'Without what looks secret; for operators alone.' }),
});
const nearDuplicate = flaggedMessage.omit({ text: true, expires_at: true }).extend({
  verdict: z.enum(['password_request', 'clear']),
  solicited: z.boolean(),
  flag_id: z.string().nullable(),
});
const report = z.object({ id: z.string(), at: moment, account_id: z.string(), answered: z.boolean() });
const effect = z.object({
  account_id: z.string(),
  effect: z.enum(['slow_mails', 'second_factor', 'lock']),
  entered: z.string().nullable(),
  seen_at: moment,
  expires_at: moment,
});
export const flagDetail = flag
  .extend({
    evidence: z.record(z.string(), z.unknown()).meta({ description: 'For operators alone.' }),
    history: z.array(history),
    messages: z.array(flaggedMessage).meta({ description: 'The newest that it stands for.' }),
    messages_total: z.number(),
    accounts_total: z.number().meta({ description: 'Accounts that these messages reached.' }),
    reports: z
      .array(report)
      .meta({ description: 'Customers who told of it, and who answered it; for operators alone.' }),
    near: z.array(nearDuplicate).meta({
      description: 'Near-duplicates that it does not stand for; for operators alone.',
    }),
    effects: z.array(effect).meta({ description: 'In force because of it; for operators alone.' }),
  })
  .meta({ id: 'FlagDetail' });

export type FlagQuery = z.infer<typeof flagQuery>;
export type FlagResolution = z.infer<typeof flagResolution>;
export type Flag = z.infer<typeof flag>;
export type FlagDetail = z.infer<typeof flagDetail>;
export type FlagList = z.infer<typeof flagList>;
