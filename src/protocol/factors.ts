/** Second factors: what their owner is shown, and what browsers say of passkeys. */
import { z } from 'zod';
import { line, moment, password, reason } from './fields.ts';
import { factorKind } from './login.ts';
import { passkeyAnswer, registrationAnswer } from './passkey.ts';

// Code generator and recovery codes

export const totpOffer = z
  .object({ secret: z.string(), uri: z.string(), qr_svg: z.string() })
  .meta({ id: 'TotpOffer' });
export const totpConfirmation = z.strictObject({ code: z.string().min(1).max(64) });
export const newRecoveryCodes = z
  .object({ recovery_codes: z.array(z.string()) })
  .meta({ id: 'NewRecoveryCodes' });

// Passkeys

/** For `navigator.credentials`, after `parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`. */
const options = z.record(z.string(), z.unknown());
export const passkeyCeremony = z
  .object({ challenge_id: z.string(), options, expires_at: moment })
  .meta({ id: 'PasskeyCeremony' });
const ceremonyId = z.string().min(1).max(64);
export const newPasskey = z.strictObject({
  challenge_id: ceremonyId,
  response: registrationAnswer,
  label: line(64),
});
export const passkey = z
  .object({
    id: z.string(),
    label: z.string(),
    transports: z.array(z.string()),
    /** Whether its maker may copy it to the owner's other devices, and has. */
    backup_eligible: z.boolean(),
    backed_up: z.boolean(),
    created_at: moment,
    last_used_at: moment.nullable(),
  })
  .meta({ id: 'Passkey' });
export const passkeyMade = z.object({
  passkey,
  /** With the account's first second factor. */
  recovery_codes: z.array(z.string()).optional(),
});
export const passkeyList = z.object({ items: z.array(passkey) });
export const passkeyName = z.strictObject({ label: line(64) });

// What there is; never a secret

export const factors = z
  .object({
    totp: z.object({ confirmed_at: moment }).nullable(),
    totp_offered: z.boolean(),
    passkeys: z.array(passkey),
    recovery_codes: z.object({ left: z.number(), made_at: moment.nullable() }),
  })
  .meta({ id: 'SecondFactors' });
export const removableKind = z.enum(['totp', 'passkey', 'recovery_codes']);
export const factorsRemoval = z.strictObject({
  kinds: z.array(removableKind).min(1).max(3).optional(),
  reason,
});
export const factorsRemoved = z.object({
  removed: z.object({ totp: z.boolean(), passkeys: z.number(), recovery_codes: z.number() }),
  factors,
});

// Proving again who is there

export const reauthentication = z
  .strictObject({
    password: password.optional(),
    kind: factorKind.optional(),
    code: z.string().min(1).max(64).optional(),
    challenge_id: ceremonyId.optional(),
    response: passkeyAnswer.optional(),
  })
  .superRefine((said, { addIssue }) => {
    const fault = (path: string, message: string) => addIssue({ code: 'custom', path: [path], message });
    const byPasskey = said.kind === 'passkey' || (said.kind === undefined && said.response !== undefined);
    if (byPasskey) {
      if (said.response === undefined) fault('response', 'is missing');
      if (said.challenge_id === undefined) fault('challenge_id', 'is missing');
      if (said.code !== undefined) fault('code', 'does not go with a passkey');
    } else {
      if (said.response !== undefined) fault('response', 'goes with a passkey alone');
      if (said.challenge_id !== undefined) fault('challenge_id', 'goes with a passkey alone');
      if (said.kind !== undefined && said.code === undefined) fault('code', 'is missing');
      if (said.password === undefined && said.code === undefined)
        fault('password', 'or a second factor is missing');
    }
  });
export const reauthenticated = z
  .object({
    /** In the place of the one that was shown; a browser gets it as its cookie instead. */
    token: z.string().optional(),
    fresh_until: moment.nullable(),
    factor_fresh_until: moment.nullable(),
  })
  .meta({ id: 'Reauthenticated' });

export type TotpOffer = z.infer<typeof totpOffer>;
export type NewRecoveryCodes = z.infer<typeof newRecoveryCodes>;
export type PasskeyCeremony = z.infer<typeof passkeyCeremony>;
export type NewPasskey = z.infer<typeof newPasskey>;
export type PasskeyView = z.infer<typeof passkey>;
export type PasskeyMade = z.infer<typeof passkeyMade>;
export type FactorsView = z.infer<typeof factors>;
export type FactorsRemoval = z.infer<typeof factorsRemoval>;
export type FactorsRemoved = z.infer<typeof factorsRemoved>;
export type Reauthentication = z.infer<typeof reauthentication>;
export type Reauthenticated = z.infer<typeof reauthenticated>;
