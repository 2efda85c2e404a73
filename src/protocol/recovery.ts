/** Passwords lost and changed, and the address that mail goes to. */
import { z } from 'zod';
import { address, anyLogin, channel, moment, password, receiptState, store } from './fields.ts';

/** Of a mailed link; anything else is answered like one that ran out. */
const mailed = z.string().min(1).max(512);

export const resetRequest = z.union(
  [
    z.strictObject({ login: anyLogin, source_ip: address.optional() }),
    z.strictObject({ email: z.string().min(1).max(254), source_ip: address.optional() }),
  ],
  { error: 'must name a login or an email, and nothing else but source_ip' },
);
export const resetAsked = z.object({ message: z.string() }).meta({ id: 'ResetAsked' });

export const resetConfirmation = z.strictObject({
  token: mailed,
  new_password: password,
  source_ip: address.optional(),
});
export const resetDone = z
  .object({
    login: z.string(),
    store,
    /** The password alone does not open a session: the second factor is asked for as before. */
    second_factor: z.boolean(),
    sessions_ended: z.number(),
  })
  .meta({ id: 'ResetDone' });

export const linkShown = z.strictObject({ token: mailed, source_ip: address.optional() });
export const resetDenied = z
  .object({
    login: z.string(),
    /** Sessions that are open now; the token ends them all: POST /v1/account-security. */
    live_sessions: z.number(),
    secure_token: z.string(),
  })
  .meta({ id: 'ResetDenied' });
export const accountSecured = z
  .object({
    login: z.string(),
    sessions_ended: z.number(),
    /** App passwords, grants and SSH keys of the last week: somebody else may have made them. */
    access_revoked: z.number(),
    /** False where no more of them go out now: the newest one in the mailbox works. */
    reset_mailed: z.boolean(),
    /** What became of each session, as far as it is known within two seconds. */
    doors: z.array(
      z.object({
        channel,
        host: z.string().nullable(),
        state: receiptState,
        /** The state in plain words. */
        meaning: z.string(),
      }),
    ),
  })
  .meta({ id: 'AccountSecured' });

export const passwordChange = z.strictObject({
  current_password: password,
  new_password: password,
  keep_this_session: z.boolean().default(false),
});
export const passwordChanged = z
  .object({ store, login: z.string(), updated_at: moment, session_kept: z.boolean() })
  .meta({ id: 'PasswordChanged' });
export const passwordLook = z.strictObject({ password });
export const passwordWorth = z
  .object({
    acceptable: z.boolean(),
    reasons: z.array(z.string()),
    /** 0 to 4, by zxcvbn; null when there was no time for it. */
    score: z.number().nullable(),
  })
  .meta({ id: 'PasswordWorth' });

export const emailChange = z.strictObject({ email: z.email().max(254) });
export const emailAsked = z
  .object({ email: z.string().nullable(), pending: z.string(), expires_at: moment })
  .meta({ id: 'EmailChange' });
export const emailConfirmed = z
  .object({ login: z.string(), email: z.string(), confirmed_at: moment })
  .meta({ id: 'EmailConfirmed' });

export type ResetRequest = z.infer<typeof resetRequest>;
export type ResetAsked = z.infer<typeof resetAsked>;
export type ResetConfirmation = z.infer<typeof resetConfirmation>;
export type ResetDone = z.infer<typeof resetDone>;
export type LinkShown = z.infer<typeof linkShown>;
export type ResetDenied = z.infer<typeof resetDenied>;
export type AccountSecured = z.infer<typeof accountSecured>;
export type PasswordChange = z.infer<typeof passwordChange>;
export type PasswordChanged = z.infer<typeof passwordChanged>;
export type PasswordWorth = z.infer<typeof passwordWorth>;
export type EmailAsked = z.infer<typeof emailAsked>;
export type EmailConfirmed = z.infer<typeof emailConfirmed>;
