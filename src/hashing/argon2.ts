/** The computer of Argon2: a native library, which is not built for every system. */
import { createRequire } from 'node:module';

/** `setting`: type, KiB, passes, lanes, bytes of the digest and salt, joined by `$`. Returns the digest in base64. */
export type Argon2 = (phrase: Uint8Array, setting: string) => string;

const fromHere = createRequire(import.meta.url);
const algorithms: Readonly<Record<string, 1 | 2>> = { i: 1, id: 2 };
/** 1.3, the only one that is recognised. */
const version = 1;

function computerOf(library: typeof import('@node-rs/argon2')): Argon2 {
  return (phrase, setting) => {
    const [type = '', memoryCost, timeCost, parallelism, outputLen, salt = ''] = setting.split('$');
    const algorithm = algorithms[type];
    if (algorithm === undefined) throw new Error('not a kind of Argon2 that is verified');
    const digest = library.hashRawSync(phrase, {
      ...{ algorithm, version },
      memoryCost: Number(memoryCost),
      timeCost: Number(timeCost),
      parallelism: Number(parallelism),
      outputLen: Number(outputLen),
      salt: Buffer.from(salt, 'base64'),
    });
    return digest.toString('base64').replace(/=+$/, '');
  };
}

/** RFC 9106 has no vector without secret and data; this one is of the reference implementation's test.c. */
const published = {
  setting: 'id$256$2$1$32$c29tZXNhbHQ',
  digest: 'nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
};

/** Undefined where the library does not load, or does not compute a published vector. */
export function openArgon2(): Argon2 | undefined {
  try {
    const argon2 = computerOf(fromHere('@node-rs/argon2'));
    return argon2(Buffer.from('password'), published.setting) === published.digest ? argon2 : undefined;
  } catch {
    return undefined;
  }
}
