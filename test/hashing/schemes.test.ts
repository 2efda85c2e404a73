/** Whoever knows the password of a hash that was brought along gets in; on a system without crypt(3) or Argon2 too, or nobody. */
import { describe, expect, test } from 'vitest';
import { hashSchemes, newHashes } from '../../src/domain/hashes/index.ts';
import type { HashWork } from '../../src/domain/hashes/scheme.ts';
import { openArgon2 } from '../../src/hashing/argon2.ts';
import { bcryptjsEngine, type Engine, openLibcrypt } from '../../src/hashing/engine.ts';
import { jobOf } from '../../src/hashing/job.ts';
import { type HashVerdict, judgesOf } from '../../src/hashing/judges.ts';
import { performer } from '../../src/hashing/perform.ts';
import { systemWorld } from '../../src/world.ts';
import { oldPepper, ringOf } from './ring.ts';
import { ours, schemeVectors } from './scheme-vectors.ts';

const keyring = ringOf(oldPepper);
const cost = 4;

function judgesWith(engine: Engine, argon2 = openArgon2()) {
  const { monotonicMs } = systemWorld;
  const perform = performer({ engine, argon2, schemes: hashSchemes, monotonicMs });
  const { work, stored } = newHashes.create('nobody knows', cost, Buffer.alloc(16, 9), keyring);
  const decoyHash = stored(engine.crypt(work.phrase, work.setting));
  const run = async (_purpose: string, each: HashWork) => perform(jobOf(each, cost));
  return judgesOf(run, { keyring, cost, decoyHash });
}

const libcrypt = (() => {
  try {
    return openLibcrypt();
  } catch {
    return undefined;
  }
})();

const right: HashVerdict = { ok: true, outdated: true };
const wrong: HashVerdict = { ok: false, outdated: false };

describe.runIf(libcrypt)('with the system’s crypt(3)', () => {
  const judges = judgesWith(libcrypt ?? bcryptjsEngine);

  test.each(schemeVectors)('$scheme: $hash of "$password" ($source)', async ({ password, hash }) => {
    expect(await judges.verify(password, hash)).toEqual(right);
    expect(await judges.verify(`x${password}`, hash)).toEqual(wrong);
    expect(await judges.verify(`${password}\0`, hash)).toEqual(wrong);
  });

  test('every scheme that is brought along has a vector', () => {
    const named = new Set(schemeVectors.map(({ scheme }) => scheme));
    expect(hashSchemes.map(({ name }) => name).filter((name) => !named.has(name))).toEqual(['gatehouse']);
  });

  test('a password that crypt(3) would not take is a wrong one, and no fault', async () => {
    for (const { hash } of schemeVectors.filter(({ password }) => password === ours)) {
      expect(await judges.verify('é'.repeat(600), hash)).toEqual(wrong);
      expect(await judges.verify('', hash)).toEqual(wrong);
    }
  });

  test('the eight bytes of DES are its own trap', async () => {
    expect(await judges.verify(`${ours.slice(0, 8)}whatever`, 'm8Zk31NPoBQaM')).toEqual(right);
  });

  test('a setting that libcrypt refuses matches nothing', async () => {
    const { verify } = judgesWith({
      ...bcryptjsEngine,
      name: 'libcrypt',
    });
    expect(await verify(ours, 'm8Zk31NPoBQaM')).toEqual({ ...wrong, unverifiable: 'not_computable' });
  });
});

describe('without it', () => {
  const judges = judgesWith(bcryptjsEngine);
  const onlyCrypt = ['des', 'bsdi', 'sha1-crypt', 'yescrypt', 'gost-yescrypt'];

  test.each(schemeVectors)('$scheme: $hash', async ({ scheme, password, hash }) => {
    const not = { ...wrong, unverifiable: 'not_computable' };
    expect(await judges.verify(password, hash)).toEqual(onlyCrypt.includes(scheme) ? not : right);
    expect((await judges.verify(`x${password}`, hash)).ok).toBe(false);
  });

  test('our own MD5- and SHA-crypt agree with libcrypt for phrases of every length', async () => {
    if (libcrypt === undefined) return;
    for (const [name, setting] of [
      ['md5-crypt', '$1$'],
      ['md5-crypt', '$1$a'],
      ['md5-crypt', '$1$abcdefgh'],
      ['sha256-crypt', '$5$rounds=1000$x'],
      ['sha256-crypt', '$5$rounds=1001$abcdefghijklmnop'],
      ['sha512-crypt', '$6$rounds=1000$'],
      ['sha512-crypt', '$6$rounds=1234$abcdefghijklmnop'],
    ] as const) {
      const scheme = hashSchemes.find((each) => each.name === name);
      for (const length of [0, 1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 200]) {
        const phrase = Buffer.alloc(length, 'pässword');
        const expected = libcrypt.crypt(phrase, setting).slice(setting.length + 1);
        expect(scheme?.compute?.(phrase, setting), `${setting} ${length}`).toBe(expected);
      }
    }
  });

  test('without the library of Argon2 its hashes match nothing', async () => {
    const { verify } = judgesWith(bcryptjsEngine, () => '');
    const hash = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
    expect(await verify('password', hash)).toEqual({ ...wrong, unverifiable: 'not_computable' });
  });
});
