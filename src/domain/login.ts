/** Login names: one spelling each, so that `Alice` and `alice` share one account and one guess counter. */

const loginPattern = /^[a-z0-9_][a-z0-9._@+-]{0,127}$/;

export const loginRule = '1 to 128 of a-z 0-9 . _ @ + - (case does not matter), not starting with a sign';

/** The one spelling under which a login is stored, looked up and counted. Never refuses: use `isLogin` for that. */
export function canonicalLogin(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Whether a canonical login may be given to an account. */
export function isLogin(canonical: string): boolean {
  return loginPattern.test(canonical);
}
