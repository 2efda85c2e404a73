/** The shapes of a login: what is asked, and the four answers (contract section 5). */
import { z } from 'zod';
import { address, anyLogin, channel, hostName, line, moment, password, profile, store } from './fields.ts';
import { passkeyAnswer } from './passkey.ts';

export const factorKind = z.enum(['totp', 'recovery_code', 'passkey']);
export const authenticateRequest = z.strictObject({
  store,
  login: anyLogin,
  password: password.optional(),
  source_ip: address.optional(),
  channel: channel.optional(),
  host: hostName.optional(),
  profile: profile.default('standard'),
  device: line(255).optional(),
  user_agent: z
    .string()
    .max(1024)
    .transform((text) => text.replaceAll(/[\p{Cc}\p{Surrogate}]/gu, ' '))
    .optional(),
  /** A code of a second factor, for callers that ask for both at once. */
  otp: z.string().min(1).max(64).optional(),
  /** Whether the person can be asked for a second factor; the panel can unless it says no, others only if they say so. */
  can_ask: z.boolean().optional(),
  /** The door keeps logins that are marked read-only from writing; without this they are refused. */
  read_only_enforced: z.boolean().optional(),
  /**
   * Whether the password came to the door over an encrypted connection. Left out, the door cannot tell: where the
   * policy says `channels.<name>.encrypted_only`, that counts as clear text.
   */
  encrypted: z.boolean().optional(),
  open_session: z.boolean().optional(),
  /** The door knows that the name does not exist: judged for time only, counted against the source only. */
  name_unknown: z.literal(true).optional(),
});
const openedSession = z.object({
  id: z.string(),
  token: z.string(),
  channel,
  idle_expires_at: moment,
  absolute_expires_at: moment,
  idle_seconds: z.number(),
  absolute_seconds: z.number(),
});
export const authenticateAnswer = z
  .discriminatedUnion('decision', [
    z.object({
      decision: z.literal('allow'),
      account: z.object({ id: z.string(), login: z.string() }),
      login: z.string(),
      unix: z
        .object({ uid: z.number(), gid: z.number(), home: z.string(), shell: z.string().nullable() })
        .optional(),
      read_only: z.literal(true).optional(),
      session: openedSession.optional(),
      /** Where a hook asked: the session that its daemon now holds. It has no token. */
      door_session: z
        .object({ id: z.string(), idle_seconds: z.number(), absolute_seconds: z.number() })
        .optional(),
      /** What was verified; an agent hands it back when it opens the session. */
      verified: z.object({
        credential_id: z.string(),
        epoch: z.number(),
        app_password_id: z.string().optional(),
        grant_id: z.string().optional(),
      }),
      notices: z.array(z.object({ kind: z.string(), message: z.string() })),
    }),
    z.object({
      decision: z.literal('challenge'),
      challenge: z.object({
        id: z.string(),
        kinds: z.array(factorKind),
        expires_at: moment,
        /** For `navigator.credentials.get`, where a passkey may answer. */
        passkey: z.record(z.string(), z.unknown()).optional(),
      }),
    }),
    z.object({
      decision: z.literal('deny'),
      reason: z.enum(['invalid_credentials', 'channel_refused', 'second_factor_required']),
      message: z.string().optional(),
    }),
    z.object({ decision: z.literal('throttled'), retry_after_seconds: z.number() }),
  ])
  .meta({ id: 'LoginDecision' });

const challengeIdShape = z.string().min(1).max(64);
export const redeemRequest = z.union([
  z.strictObject({
    challenge_id: challengeIdShape,
    kind: factorKind.exclude(['passkey']),
    code: z.string().min(1).max(64),
  }),
  z.strictObject({
    challenge_id: challengeIdShape,
    kind: z.literal('passkey'),
    response: passkeyAnswer,
  }),
]);
/** A login of the panel by a passkey alone: everything but the name. */
export const passkeyLoginRequest = authenticateRequest
  .pick({ source_ip: true, host: true, profile: true, device: true, user_agent: true, open_session: true })
  .extend({ channel: z.literal('panel').optional() });

export type AuthenticateRequest = z.infer<typeof authenticateRequest>;
export type AuthenticateAnswer = z.infer<typeof authenticateAnswer>;
export type RedeemRequest = z.infer<typeof redeemRequest>;
export type PasskeyLoginRequest = z.infer<typeof passkeyLoginRequest>;
