/** CyberPanel's own form for its panel: SHA-256 over salt and password as hexadecimal, a colon, the salt. */
import { createHash } from 'node:crypto';
import type { HashScheme } from './scheme.ts';

interface CyberpanelParams {
  readonly digest: string;
  readonly salt: string;
}

const name = 'cyberpanel';
const form = /^([0-9a-fA-F]{64}):([\x21-\x7e]{1,64})$/;

export const cyberpanel: HashScheme<CyberpanelParams> = {
  name,
  weak: 'One round of SHA-256: one machine guesses billions of such passwords a second.',
  computer: 'itself',
  recognise(stored) {
    const [, digest, salt] = form.exec(stored) ?? [];
    return digest === undefined || salt === undefined ? null : { digest: digest.toLowerCase(), salt };
  },
  outOfBounds: () => undefined,
  outdated: () => true,
  prepare(password, { digest, salt }) {
    const work = {
      scheme: name,
      phrase: Buffer.from(password),
      setting: salt,
      rounds: 1,
      guessed: true,
    } as const;
    return { work, expected: digest };
  },
  compute: (phrase, setting) => createHash('sha256').update(setting).update(phrase).digest('hex'),
};
