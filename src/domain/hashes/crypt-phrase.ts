/** Phrases for crypt(3). */

/** libxcrypt refuses longer ones, so that nothing that it made can be of one. */
const longest = 511;

/**
 * The bytes that were typed, not normalised: that is what the other system hashed. Undefined for what crypt(3) cannot
 * have been given: it stops at a NUL, and "right\0anything" would pass for "right".
 */
export function cryptPhrase(password: string): Buffer | undefined {
  if (password.includes('\0')) return undefined;
  const phrase = Buffer.from(password, 'utf8');
  return phrase.length > longest ? undefined : phrase;
}
