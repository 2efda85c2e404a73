/**
 * Plain bcrypt, brought along from other systems. Verified only: the first login that knows the password stores it
 * anew. `$2a$`, `$2b$` and `$2y$` are one algorithm for UTF-8 text and are all computed as `$2b$`, so that every
 * engine agrees; `$2x$` marks hashes of a broken implementation and is not recognised.
 */
import { bcryptSetting } from './bcrypt-text.ts';
import { countFault } from './crypt-scheme.ts';
import { withoutLabel } from './label.ts';
import type { HashScheme } from './scheme.ts';

interface BcryptParams {
  readonly cost: number;
  readonly salt: string;
  readonly digest: string;
}

const name = 'bcrypt';
const form = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
const labels = ['CRYPT', 'BLF-CRYPT'];
const usedBytes = 72;

/** bcrypt reads 72 bytes. Cut at the end of the character that holds the last of them: engines take whole text. */
function usedPart(password: string): Buffer {
  const bytes = Buffer.from(password, 'utf8');
  let end = usedBytes;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end += 1;
  return bytes.subarray(0, end);
}

export const bcrypt: HashScheme<BcryptParams> = {
  name,
  computer: 'bcrypt',

  recognise(stored) {
    const [, cost, salt, digest] = form.exec(withoutLabel(stored, labels) ?? '') ?? [];
    return salt === undefined || digest === undefined ? null : { cost: Number(cost), salt, digest };
  },

  outOfBounds: ({ cost }) => countFault('The cost of bcrypt', cost, { min: 4, max: 15 }),
  outdated: () => true,

  /** Not normalised: the other system hashed the bytes that were typed. */
  prepare(password, params) {
    // C implementations stop at a NUL: "right\0anything" would pass for "right".
    if (password.includes('\0')) return { never: 'impossible_password' };
    const setting = bcryptSetting(params.cost, params.salt);
    const work = { scheme: name, phrase: usedPart(password), setting, rounds: 2 ** params.cost };
    return { work, expected: params.digest };
  },
};
