/**
 * The scheme of new passwords: bcrypt over base64(HMAC-SHA-384(pepper, NFC(password))). The HMAC takes passwords of
 * any length and with any character, and its base64 is 64 bytes long: below bcrypt's limit of 72, and without NUL.
 * A stolen table is worthless without the pepper, which the database never sees.
 */
import { createHmac } from 'node:crypto';
import type { Pepper } from '../keyring.ts';
import { normalPassword } from '../password.ts';
import { bcryptSalt, bcryptSetting } from './bcrypt-text.ts';
import { countFault } from './crypt-scheme.ts';
import type { HashScheme, HashWork, NewHashScheme } from './scheme.ts';

interface GatehouseParams {
  readonly cost: number;
  readonly pepperId: string;
  readonly salt: string;
  readonly digest: string;
}

const name = 'gatehouse';
const form = /^\$gh1\$([A-Za-z0-9_-]{1,32})\$2b\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;

function workOf(password: string, pepper: Pepper, cost: number, salt: string): HashWork {
  const keyed = createHmac('sha384', pepper.key).update(normalPassword(password), 'utf8').digest('base64');
  return { scheme: name, phrase: Buffer.from(keyed), setting: bcryptSetting(cost, salt), rounds: 2 ** cost };
}

export const gatehouse: HashScheme<GatehouseParams> & NewHashScheme = {
  name,
  computer: 'bcrypt',

  recognise(stored) {
    const [, pepperId, cost, salt, digest] = form.exec(stored) ?? [];
    if (pepperId === undefined || salt === undefined || digest === undefined) return null;
    return { pepperId, cost: Number(cost), salt, digest };
  },

  outOfBounds: ({ cost }) => countFault('The cost of bcrypt', cost, { min: 4, max: 15 }),

  /** A dearer hash than today's is kept: lowering the cost must not weaken what is stored. */
  outdated: (params, current) => params.cost < current.cost || params.pepperId !== current.pepperId,

  prepare(password, params, keyring) {
    const pepper = keyring.pepper.byId(params.pepperId);
    if (pepper === undefined) return { never: 'pepper_unknown' };
    return { work: workOf(password, pepper, params.cost, params.salt), expected: params.digest };
  },

  create(password, cost, salt, keyring) {
    const pepper = keyring.pepper.current;
    return {
      work: workOf(password, pepper, cost, bcryptSalt(salt)),
      stored: (computed) => `$gh1$${pepper.id}${computed}`,
    };
  },
};
