/** The text form of bcrypt's salt and setting. */

const usual = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const bcrypts = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Sixteen bytes as bcrypt writes them: base64 in another alphabet, 22 characters. */
export function bcryptSalt(salt: Buffer): string {
  if (salt.length !== 16) throw new RangeError('a bcrypt salt has 16 bytes');
  return salt
    .toString('base64')
    .slice(0, 22)
    .replace(/./g, (letter) => bcrypts.charAt(usual.indexOf(letter)));
}

/** The setting that every engine is given. */
export function bcryptSetting(cost: number, salt: string): string {
  return `$2b$${String(cost).padStart(2, '0')}$${salt}`;
}
