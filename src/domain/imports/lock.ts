/** Marks of a locked login, as the files of other systems carry them in the place of the hash, or before it. */

/** What is stored when there is no hash: no scheme claims it, so that no password matches. */
export const noHash = '!';

/** A password of MySQL's own users also starts with an asterisk, and is no lock. */
const mysql = /^\*[0-9A-Fa-f]{40}$/;
const marks = /^(?:!|\*LOCKED\*|\*LK\*|\*)+/;
/** shadow(5) keeps the hash elsewhere, or has none. `NP`: no password. */
const empty = ['', 'x', 'NP'];

/** The hash without its marks, empty when there is none, and whether it was locked. An empty field lets nobody in here. */
export function unlocked(secret: string): { readonly hash: string; readonly locked: boolean } {
  if (empty.includes(secret)) return { hash: '', locked: true };
  if (mysql.test(secret)) return { hash: secret, locked: false };
  const hash = secret.replace(marks, '');
  if (hash === secret) return { hash, locked: false };
  return { hash: empty.includes(hash) ? '' : hash, locked: true };
}
