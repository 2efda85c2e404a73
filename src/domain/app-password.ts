/**
 * App passwords: made here, 120 random bits, for one login of one store. Long enough that a keyed digest keeps them:
 * a program that logs in ten times at once must not cost ten password hashes (NIST 800-63B-4 3.1.2.2, ASVS 5.0 6.5.2).
 */
import { createHmac } from 'node:crypto';
import { base32Groups } from './base32.ts';
import { isInside } from './source.ts';

export const appPasswordBytes = 15;

const shape = /^[a-z2-7]{4}(?:-?[a-z2-7]{4}){5}$/i;

/** A new one from 15 random bytes: six groups of four of RFC 4648's base32 in lower case, `abcd-ef23-…`. */
export function appPasswordFrom(random: Buffer): string {
  if (random.length !== appPasswordBytes) {
    throw new RangeError(`an app password takes ${appPasswordBytes} random bytes`);
  }
  return base32Groups(random).toLowerCase();
}

/** Whether a text may be one: in either case, with its hyphens or without. A customer's own password may look so too. */
export function isAppPasswordShaped(text: string): boolean {
  return shape.test(text);
}

/**
 * What is kept of one: HMAC-SHA-256 over its store, its login and its 24 characters. Bound to both, so that a row that
 * somebody moves to another login opens nothing. `login` in its canonical spelling.
 */
export function appPasswordDigest(key: Buffer, store: string, login: string, text: string): Buffer {
  const plain = text.replaceAll('-', '').toLowerCase();
  return createHmac('sha256', key).update(`app password:${store}:${login.length}:${login}:${plain}`).digest();
}

/** Why an app password that was shown opens nothing this time. */
export type AppPasswordFault =
  | 'app_password_expired'
  | 'app_password_outside_source'
  | 'app_password_read_only';

/**
 * Judges one that was not revoked. A door that does not say where its client is gets none in that has a range; a
 * read-only one opens only where the caller promises that nothing can be written.
 */
export function appPasswordFault(
  row: { readonly expiresAt: Date | null; readonly source: string | null; readonly readOnly: boolean },
  at: { readonly now: Date; readonly source: string | undefined; readonly readOnlyEnforced: boolean },
): AppPasswordFault | undefined {
  if (row.expiresAt !== null && row.expiresAt <= at.now) return 'app_password_expired';
  if (row.source !== null && (at.source === undefined || !isInside(row.source, at.source))) {
    return 'app_password_outside_source';
  }
  return row.readOnly && !at.readOnlyEnforced ? 'app_password_read_only' : undefined;
}
