/** Login names: one spelling each, so that `Alice` and `alice` share one account and one guess counter. */

const loginPattern = /^[a-z0-9_][a-z0-9._@+-]{0,127}$/;

export const loginRule = '1 to 128 of a-z 0-9 . _ @ + - (case does not matter), not starting with a sign';

/** Longer than any login: compatibility forms of one character may be eighteen long. */
const keptLength = 255;

/**
 * The one spelling under which a login is stored, looked up and counted. Never refuses (use `isLogin` for that), so it
 * takes what no database column holds for what it is: the name of nobody.
 */
export function canonicalLogin(text: string): string {
  return text.normalize('NFKC').toLowerCase().slice(0, keptLength).replaceAll('\0', '\ufffd');
}

/** Whether a canonical login may be given to an account. */
export function isLogin(canonical: string): boolean {
  return loginPattern.test(canonical);
}
