/**
 * What browsers say of passkeys, as JSON (`toJSON()`, WebAuthn level 3). What a newer browser adds is put aside unread:
 * the one place where unknown fields are no error.
 */
import { z } from 'zod';

const binary = z.base64url().max(8192);
const transport = z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);
const credentialId = z.base64url().min(1).max(1400);
const shared = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(40).nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
};
export const registrationAnswer = z
  .object({
    ...shared,
    response: z.object({
      clientDataJSON: binary,
      attestationObject: binary,
      /** Kinds that are not known yet are left out. */
      transports: z
        .array(z.string().max(40))
        .max(20)
        .transform((list) => list.flatMap((each) => transport.safeParse(each).data ?? []))
        .optional(),
    }),
  })
  .meta({ id: 'PasskeyRegistration' });
export const passkeyAnswer = z
  .object({
    ...shared,
    response: z.object({
      clientDataJSON: binary,
      authenticatorData: binary,
      signature: binary,
      userHandle: z.base64url().max(128).nullish(),
    }),
  })
  .meta({ id: 'PasskeyAnswer' });
