/** Names must not be read off the clock: the work of every answer is counted here, in rounds really run. */
import { describe, expect, test } from 'vitest';
import { hashSchemes, newHashes } from '../../src/domain/hashes/index.ts';
import type { HashScheme, HashWork, PepperRing } from '../../src/domain/hashes/scheme.ts';
import { bcryptjsEngine, type Engine } from '../../src/hashing/engine.ts';
import { jobOf } from '../../src/hashing/job.ts';
import { judgesOf } from '../../src/hashing/judges.ts';
import { performer } from '../../src/hashing/perform.ts';
import { newPepper, oldPepper, ringOf } from './ring.ts';

const cost = 7;

/** bcryptjs that counts the rounds it was made to run; its clock moves by them alone, a millisecond a round. */
function counting() {
  const engine = {
    name: 'bcryptjs' as const,
    callRounds: 0,
    rounds: 0,
    ms: 0,
    crypt(phrase: Uint8Array, setting: string): string {
      const rounds = 2 ** Number(setting.slice(4, 6));
      engine.rounds += rounds;
      engine.ms += rounds;
      return bcryptjsEngine.crypt(phrase, setting);
    },
  };
  return engine;
}

function performing(engine: Engine & { ms: number }, schemes: readonly HashScheme[] = hashSchemes) {
  return performer({ engine, argon2: undefined, schemes, monotonicMs: () => engine.ms });
}

function bench(keyring: PepperRing = ringOf(oldPepper)) {
  const engine = counting();
  const perform = performing(engine);
  const reported: number[] = [];
  const run = async (_purpose: string, work: HashWork) => {
    const done = perform(jobOf(work, cost));
    reported.push(done.rounds);
    return done;
  };
  const make = (password: string, at: number, ring = keyring) => {
    const { work, stored } = newHashes.create(password, at, Buffer.alloc(16, 9), ring);
    return stored(bcryptjsEngine.crypt(work.phrase, work.setting));
  };
  const judges = judgesOf(run, { keyring, cost, decoyHash: make('nobody knows', cost) });
  /** The rounds of one call: what the engine ran must be what the job reports. */
  const work = async (call: Promise<unknown>) => {
    await call;
    const run = engine.rounds;
    expect(reported.splice(0).reduce((sum, rounds) => sum + rounds, 0)).toBe(run);
    engine.rounds = 0;
    return run;
  };
  return { judges, make, work };
}

const plain = (password: string, at: number, kind = '2y') =>
  bcryptjsEngine
    .crypt(Buffer.from(password), `$2b$${String(at).padStart(2, '0')}$CCCCCCCCCCCCCCCCCCCCC.`)
    .replace('$2b$', `$${kind}$`);

describe('equal work', () => {
  test('every answer takes the rounds of the decoy: right, wrong, old, cheap, unusable', async () => {
    const { judges, make, work } = bench();
    const decoy = await work(judges.decoy('whatever'));
    expect(decoy).toBe(2 ** cost);
    const stored = [
      make('right', cost),
      ...[4, 5, 6, 7].map((at) => plain('right', at)),
      ...[4, 5, 6].map((at) => make('right', at)),
      make('right', cost).replace('$p1$', '$lost$'),
      plain('right', 4).replace('$04$', '$03$'),
      plain('right', 4).replace('$04$', '$16$'),
      '!',
    ];
    for (const hash of stored) {
      for (const password of ['right', 'wrong', 'right\0more', '', 'x'.repeat(200)]) {
        expect(await work(judges.verify(password, hash)), `${hash} ${password}`).toBe(decoy);
      }
    }
  });

  test('a dearer hash than the current cost takes longer, and is told so in the docs', async () => {
    const { judges, make, work } = bench();
    expect(await work(judges.verify('right', make('right', cost + 1)))).toBe(2 ** (cost + 1));
  });
});

describe('verdicts', () => {
  test('right and wrong, for both kinds', async () => {
    const { judges, make } = bench();
    expect(await judges.verify('right', make('right', cost))).toEqual({ ok: true, outdated: false });
    expect(await judges.verify('wrong', make('right', cost))).toEqual({ ok: false, outdated: false });
    for (const kind of ['2a', '2b', '2y']) {
      expect(await judges.verify('right', plain('right', 5, kind))).toEqual({ ok: true, outdated: true });
      expect(await judges.verify('wrong', plain('right', 5, kind))).toEqual({ ok: false, outdated: false });
    }
  });

  test('the 72-byte trap is bcrypt’s own: it holds for hashes brought along, and for new ones not', async () => {
    const { judges, make } = bench();
    const [one, other] = [`${'a'.repeat(99)}b`, `${'a'.repeat(99)}c`];
    expect((await judges.verify(other, plain(one, 4))).ok).toBe(true);
    expect((await judges.verify(other, make(one, 4))).ok).toBe(false);
    expect((await judges.verify(one, make(one, 4))).ok).toBe(true);
  });

  test('a NUL cannot shorten a password to a known one', async () => {
    const { judges, make } = bench();
    expect(await judges.verify('right\0', plain('right', 4))).toEqual({ ok: false, outdated: false });
    expect((await judges.verify('right\0', make('right', 4))).ok).toBe(false);
    expect((await judges.verify('right\0', make('right\0', 4))).ok).toBe(true);
    expect((await judges.verify('', plain('', 4))).ok).toBe(true);
    expect((await judges.verify('\0', plain('', 4))).ok).toBe(false);
  });

  test('é typed on one system opens what was set on another', async () => {
    const { judges, make } = bench();
    expect((await judges.verify('cafe\u0301', make('caf\u00e9', 4))).ok).toBe(true);
  });

  test('a stored text that a broken engine would print matches nothing', async () => {
    const { judges } = bench();
    for (const stored of ['*0', '*1', '', '*']) {
      const verdict = { ok: false, outdated: false, unverifiable: 'unknown_scheme' };
      expect(await judges.verify('right', stored)).toEqual(verdict);
    }
  });
});

describe('pepper rotation', () => {
  const before = ringOf(oldPepper);
  test('what the old pepper made is right and outdated; without the old pepper it is unverifiable', async () => {
    const { make } = bench(before);
    const stored = make('right', cost);
    expect(await bench(ringOf(newPepper, oldPepper)).judges.verify('right', stored)).toEqual({
      ok: true,
      outdated: true,
    });
    expect(await bench(ringOf(newPepper)).judges.verify('right', stored)).toEqual({
      ok: false,
      outdated: false,
      unverifiable: 'pepper_unknown',
    });
  });

  test('another key under the same id does not match', async () => {
    const stored = bench(before).make('right', cost);
    const swapped = ringOf({ id: oldPepper.id, key: newPepper.key });
    expect((await bench(swapped).judges.verify('right', stored)).ok).toBe(false);
  });
});

describe('other schemes than bcrypt', () => {
  /** A scheme that takes so many milliseconds: on the clock of the counting engine, so many rounds. */
  const lasting = (ms: number, engine: { ms: number }, text = '$r$cba'): HashScheme => ({
    name: 'lasting',
    computer: 'itself',
    recognise: () => ({}),
    outOfBounds: () => undefined,
    outdated: () => true,
    prepare: () => ({ never: 'impossible_password' }),
    compute: () => {
      engine.ms += ms;
      if (text === 'broken') throw new Error('broken');
      return text;
    },
  });
  const work = {
    scheme: 'lasting',
    phrase: Buffer.from('abc'),
    setting: '$r$',
    rounds: 3,
    guessed: true,
  } as const;
  const decoy = { scheme: 'bcrypt', phrase: Buffer.from('x'), setting: '$2b$07$CCCCCCCCCCCCCCCCCCCCC.' };
  const levelTo = (counted: number) => ({ ...jobOf(work, counted) });

  test.each([0, 1, 5, 20, 40, 64, 90, 120, 127])(
    'what takes %i ms is lifted to the time of a decoy, whatever was guessed of it',
    (ms) => {
      const engine = counting();
      const perform = performing(engine, [...hashSchemes, lasting(ms, engine)]);
      perform(jobOf({ ...decoy, rounds: 2 ** cost }, cost));
      const from = engine.ms;
      const done = perform(levelTo(cost));
      expect(done.text).toBe('$r$cba');
      expect(Math.abs(engine.ms - from - 2 ** cost)).toBeLessThanOrEqual(8);
      expect(Math.abs(done.rounds - 2 ** cost)).toBeLessThanOrEqual(8);
    },
  );

  test('on a machine that has become three times slower it is lifted to the decoys of this moment', () => {
    const engine = counting();
    const slow = { factor: 1 };
    const slowed: Engine & { ms: number } = {
      ...engine,
      crypt(phrase, setting) {
        slowed.ms += slow.factor * 2 ** Number(setting.slice(4, 6));
        return bcryptjsEngine.crypt(phrase, setting);
      },
    };
    const at = 10;
    const perform = performing(slowed, [...hashSchemes, lasting(3 * 200, slowed)]);
    perform(jobOf({ ...decoy, setting: decoy.setting.replace('07', '10'), rounds: 2 ** at }, at));
    slow.factor = 3;
    const from = slowed.ms;
    perform(levelTo(at));
    expect(Math.abs((slowed.ms - from) / (3 * 2 ** at) - 1)).toBeLessThan(0.02);
  });

  test('what is dearer than a decoy is left as it is', () => {
    const engine = counting();
    const perform = performing(engine, [...hashSchemes, lasting(500, engine)]);
    perform(jobOf({ ...decoy, rounds: 2 ** cost }, cost));
    const from = engine.ms;
    perform(levelTo(cost));
    expect(engine.ms - from).toBe(500);
  });

  test('what nothing here computes, or what breaks, takes the time of a decoy and matches nothing', async () => {
    const engine = counting();
    const perform = performing(engine, [...hashSchemes, lasting(0, engine, 'broken')]);
    perform(jobOf({ ...decoy, rounds: 2 ** cost }, cost));
    for (const job of [
      levelTo(cost),
      { ...levelTo(cost), scheme: 'no such' },
      { ...levelTo(cost), scheme: 'des', setting: 'ab' },
      { ...levelTo(cost), scheme: 'argon2id', setting: 'id$8$1$1$16$c29tZXNhbHQ' },
      { ...levelTo(cost), scheme: 'bcrypt', setting: '$2b$05$', guessed: false, rounds: 2 ** 5 },
    ]) {
      const from = engine.rounds;
      expect(perform(job).text).toBe('');
      expect(engine.rounds - from).toBe(2 ** cost);
    }
    const { judges, work: rounds } = bench();
    expect(await judges.verify('right', 'abJnggxhB/yWI')).toEqual({
      ok: false,
      outdated: false,
      unverifiable: 'not_computable',
    });
    expect(await rounds(Promise.resolve())).toBe(2 ** cost);
  });
});
