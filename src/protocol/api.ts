/** The public API's shapes (contract version 1): they parse the requests and make `/openapi.json`. */
import { z } from 'zod';
import {
  address,
  anyLogin,
  channel,
  cidr,
  moment,
  newLogin,
  password,
  reason,
  receiptState,
  store,
} from './fields.ts';

export { channel, profile, store } from './fields.ts';
export * from './login.ts';

export const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(64).optional(),
});

// Accounts and credentials

export const newAccount = z.strictObject({
  login: newLogin,
  email: z.email().max(254).optional(),
  unix: z
    .strictObject({
      uid: z.number().int().min(1).max(4_294_967_294),
      gid: z.number().int().min(1).max(4_294_967_294),
      home: z.string().startsWith('/').max(1024),
      shell: z.string().startsWith('/').max(255).optional(),
    })
    .optional(),
});
export const account = z
  .object({
    id: z.string(),
    login: z.string(),
    email: z.string().nullable(),
    status: z.enum(['active', 'suspended', 'closed']),
    suspend_level: z.enum(['all', 'logins']).nullable(),
    unix: z
      .object({ uid: z.number(), gid: z.number(), home: z.string(), shell: z.string().nullable() })
      .nullable(),
    credentials: z
      .array(z.object({ store, login: z.string(), scheme: z.string(), updated_at: moment }))
      .optional(),
    created_at: moment,
  })
  .meta({ id: 'Account' });
export const accountQuery = z.strictObject({ login: anyLogin });
export const accountList = z.object({ items: z.array(account), next_cursor: z.string().nullable() });

export const newCredential = z.union([
  z.strictObject({ login: newLogin.optional(), password }),
  z.strictObject({ login: newLogin.optional(), hash: z.string().min(1).max(512) }),
]);
export const credential = z
  .object({ store, login: z.string(), scheme: z.string(), epoch: z.number(), updated_at: moment })
  .meta({ id: 'Credential' });

export const suspension = z.strictObject({ reason, level: z.enum(['all', 'logins']).default('all') });
export const because = z.strictObject({ reason });

export const explainRequest = z.strictObject({
  store,
  login: anyLogin,
  source_ip: address.optional(),
  channel: channel.optional(),
});
export const explanation = z
  .object({
    decision: z.enum(['would_judge', 'deny', 'throttled']),
    summary: z.string(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
    retry_after_seconds: z.number().optional(),
  })
  .meta({ id: 'Explanation' });

// Sessions

export const session = z
  .object({
    id: z.string(),
    account_id: z.string(),
    login: z.string(),
    store,
    channel,
    profile: z.enum(['standard', 'public', 'operator']),
    host: z.string().nullable(),
    source_ip: z.string().nullable(),
    user_agent: z.string().nullable(),
    opened_at: moment,
    last_seen_at: moment,
    idle_expires_at: moment,
    absolute_expires_at: moment,
    ended_at: moment.nullable(),
    end_reason: z.string().nullable(),
    /** For sessions that live in processes of a host: whether their end is proved there. */
    door: z.enum(['open', 'pending', 'ended', 'not_proven']).nullable(),
  })
  .meta({ id: 'Session' });
const owner = z.object({ id: z.string(), login: z.string() });
export const checkRequest = z.strictObject({
  token: z.string().min(1).max(512),
  touch: z.boolean().default(true),
});
export const checkAnswer = z
  .union([
    z.object({ active: z.literal(true), session, account: owner }),
    z.object({
      active: z.literal(false),
      reason: z.enum(['unknown', 'idle', 'absolute', 'ended', 'credential_changed', 'account_suspended']),
    }),
  ])
  .meta({ id: 'SessionCheck' });
export const ownSession = z.object({ session, account: owner });
export const sessionQuery = page.extend({
  account_id: z.string().max(64).optional(),
  login: anyLogin.optional(),
  store: store.optional(),
  channel: channel.optional(),
  host: z.string().max(255).optional(),
  source_ip: address.optional(),
  live: z.enum(['true', 'false']).optional(),
});
export const sessionList = z.object({ items: z.array(session), next_cursor: z.string().nullable() });

export const selector = z
  .union(
    [
      z.strictObject({ ids: z.array(z.string().min(1).max(64)).min(1).max(1000) }),
      z.strictObject({ account_id: z.string().min(1).max(64) }),
      z.strictObject({ login: anyLogin.toLowerCase(), store }),
      z.strictObject({ store }),
      z.strictObject({ channel }),
      z.strictObject({ host: z.string().min(1).max(255) }),
      z.strictObject({ source: z.union([cidr, address]) }),
      z.strictObject({ opened_before: moment }),
      z.strictObject({ all: z.literal(true) }),
    ],
    {
      error:
        'must say whom in exactly one way: ids, account_id, login together with store, store, channel, host, source, opened_before or all',
    },
  )
  .meta({ id: 'Selector' });
export const endRequest = z.strictObject({ select: selector, reason, dry_run: z.boolean().default(false) });
const orderState = z.enum(['pending', 'done', 'partial']);
export const endAnswer = z
  .object({
    order: z.object({
      id: z.string().nullable(),
      state: orderState,
      matched: z.number(),
      ended: z.number(),
      pending: z.number(),
      by_channel: z.record(z.string(), z.number()),
    }),
    sample: z.array(session),
  })
  .meta({ id: 'LogoffAnswer' });
export const order = z
  .object({
    id: z.string(),
    reason: z.string(),
    requested_by: z.string(),
    created_at: moment,
    state: orderState,
    select: z.record(z.string(), z.unknown()),
    receipts: z.array(
      z.object({
        session_id: z.string(),
        login: z.string(),
        channel,
        host: z.string().nullable(),
        state: receiptState,
        ended_at: moment.nullable(),
        /** The state in plain words. */
        meaning: z.string(),
        /** As the host reported it. */
        detail: z.string(),
      }),
    ),
    more_receipts: z.boolean(),
  })
  .meta({ id: 'LogoffOrder' });
export const ownEndRequest = z.strictObject({ scope: z.enum(['others', 'all']) });

export const policyPatch = z.record(z.string(), z.unknown());
export const policy = z.record(z.string(), z.unknown()).meta({ id: 'Policy' });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    code: z.string(),
    detail: z.string().optional(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

export const clientScopes = [
  'accounts',
  'authenticate',
  'sessions',
  'agent',
  'messages',
  'webhooks',
] as const;
export const roles = ['admin', 'support', 'auditor'] as const;

export type NewAccount = z.infer<typeof newAccount>;
export type Account = z.infer<typeof account>;
export type NewCredential = z.infer<typeof newCredential>;
export type Credential = z.infer<typeof credential>;
export type ExplainRequest = z.infer<typeof explainRequest>;
export type Explanation = z.infer<typeof explanation>;
export type Session = z.infer<typeof session>;
export type CheckAnswer = z.infer<typeof checkAnswer>;
export type SessionQuery = z.infer<typeof sessionQuery>;
export type EndRequest = z.infer<typeof endRequest>;
export type EndAnswer = z.infer<typeof endAnswer>;
export type Order = z.infer<typeof order>;
export type ClientScope = (typeof clientScopes)[number];
export type Role = (typeof roles)[number];
