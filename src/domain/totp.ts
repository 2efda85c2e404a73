/** Codes of a generator (RFC 6238): six digits, a new one every 30 s, HMAC-SHA-1 because that is what every app speaks. */
import { verifySync } from 'otplib';

export const totpSecretBytes = 20;
export const totpPeriodSeconds = 30;
const form = /^\d{6}$/;

/** The code as it was meant: people type it in groups. */
export function totpCode(text: string): string | undefined {
  const digits = text.replaceAll(/[\s-]/g, '');
  return form.test(digits) ? digits : undefined;
}

/**
 * The step whose code this is: the one of `atMs` or the one before, never one to come (RFC 6238 5.2; ASVS 5.0 6.5.5).
 * Undefined for any other code. Whoever asks must then spend the step, so that a code works once (ASVS 5.0 6.5.1).
 */
export function totpStepOf(secret: Buffer, code: string, atMs: number): number | undefined {
  const token = totpCode(code);
  if (token === undefined) return undefined;
  const verdict = verifySync({
    secret,
    token,
    epoch: Math.floor(atMs / 1000),
    period: totpPeriodSeconds,
    epochTolerance: [totpPeriodSeconds, 0],
  });
  return verdict.valid && 'timeStep' in verdict ? verdict.timeStep : undefined;
}
