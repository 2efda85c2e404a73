import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  bcryptjsEngine,
  chooseEngine,
  type Engine,
  engineFault,
  openLibcrypt,
} from '../../src/hashing/engine.ts';
import { byteVectors, vectors } from './vectors.ts';

const asComputed = (hash: string) => hash.replace(/^\$2[ay]\$/, '$2b$');
const settingOf = (hash: string) => asComputed(hash).slice(0, 29);

/** libcrypt where the system has it; its absence is no failure, but then half of this file is not tested. */
const libcrypt = (() => {
  try {
    return openLibcrypt();
  } catch {
    return undefined;
  }
})();
const engines = libcrypt ? [bcryptjsEngine, libcrypt] : [bcryptjsEngine];

describe.each(engines)('$name', (engine) => {
  test.each(vectors)('computes the published vector of %j', (password, hash) => {
    expect(engine.crypt(Buffer.from(password), settingOf(hash))).toBe(asComputed(hash));
  });

  test('passes its own cross-check', () => {
    expect(engineFault(engine, randomBytes(24).toString('base64'))).toBeUndefined();
  });

  test('throws for a setting that is none, rather than give a text that could match', () => {
    for (const setting of ['$2b$05$', '$9z$x', '', '*0', '$2b$99$CCCCCCCCCCCCCCCCCCCCC.']) {
      expect(() => engine.crypt(Buffer.from('x'), setting), setting).toThrow();
    }
  });
});

describe.runIf(libcrypt)('libcrypt', () => {
  test.each(byteVectors)('computes the vector of bytes %#', (phrase, hash) => {
    expect(libcrypt?.crypt(phrase, settingOf(hash))).toBe(hash);
  });

  test('agrees with bcryptjs on text of every length around the 72 bytes', () => {
    const setting = '$2b$04$abcdefghijklmnopqrstuu';
    for (const letters of ['a', 'é', '漢', '😀', 'a漢']) {
      for (const times of [1, 17, 18, 23, 24, 25, 36, 37, 72, 73, 600]) {
        const phrase = Buffer.from(letters.repeat(times));
        expect(libcrypt?.crypt(phrase, setting)).toBe(bcryptjsEngine.crypt(phrase, setting));
      }
    }
  });
});

describe('the choice', () => {
  const lying = (text: (setting: string) => string): Engine => ({
    name: 'libcrypt',
    callRounds: 0,
    crypt: (_phrase, setting) => text(setting),
  });

  test('an engine that fails the vector is not used', () => {
    const { engine, fault } = chooseEngine('auto', 'probe', () =>
      lying((setting) => setting + 'x'.repeat(31)),
    );
    expect([engine.name, fault]).toEqual(['bcryptjs', 'libcrypt fails the published vector']);
  });

  test('an engine that knows the vector but errs elsewhere is not used', () => {
    const vector = vectors[0]?.[1] ?? '';
    const { engine, fault } = chooseEngine('libcrypt', 'probe', () =>
      lying((setting) => (setting.startsWith('$2b$05$C') ? asComputed(vector) : setting + 'x'.repeat(31))),
    );
    expect([engine.name, fault]).toEqual(['bcryptjs', 'libcrypt disagrees with bcryptjs']);
  });

  test('a system without libcrypt gets bcryptjs, and the reason', () => {
    const { engine, fault } = chooseEngine('auto', 'probe', () => {
      throw new Error('no such library');
    });
    expect([engine.name, fault]).toEqual(['bcryptjs', 'Error: no such library']);
  });

  test('bcryptjs by wish does not touch libcrypt', () => {
    const open = () => {
      throw new Error('opened');
    };
    expect(chooseEngine('bcryptjs', 'probe', open)).toEqual({ engine: bcryptjsEngine });
  });
});
