import { describe, expect, test } from 'vitest';
import { type Claim, createVerified, type VerifiedOptions } from '../../src/hashing/verified.ts';
import { stillWorld } from './ring.ts';

const claim: Claim = { store: 'ftp', login: 'anna', password: 'right', epoch: 3, stored: '$gh1$…' };

function open(more: Omit<VerifiedOptions, 'world'> = {}) {
  const world = stillWorld();
  const verified = createVerified({ world, ...more });
  let computed = 0;
  const check = (changed: Partial<Claim> = {}, verdict: () => Promise<boolean> = async () => true) =>
    verified.check({ ...claim, ...changed }, () => {
      computed += 1;
      return verdict();
    });
  return { world, verified, check, computed: () => computed };
}

/** A computation that waits for its word. */
function held() {
  let settle: { resolve: (ok: boolean) => void; reject: (error: Error) => void } | undefined;
  const verdict = new Promise<boolean>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return {
    compute: () => verdict,
    resolve: (ok: boolean) => settle?.resolve(ok),
    reject: (error: Error) => settle?.reject(error),
  };
}

describe('single-flight', () => {
  test('thirty parallel right logins cost one computation, and later ones none', async () => {
    const { check, computed } = open();
    const hold = held();
    const answers = Array.from({ length: 30 }, () => check({}, hold.compute));
    hold.resolve(true);
    const kinds = (await Promise.all(answers)).map(({ ok, cached }) => `${ok} ${cached}`);
    expect(kinds).toEqual(['true computed', ...Array(29).fill('true joined')]);
    expect(await check()).toEqual({ ok: true, cached: 'hit' });
    expect(computed()).toBe(1);
  });

  test('a failure is shared while in flight and then forgotten', async () => {
    const { check, computed } = open();
    const answers = await Promise.all([check({}, async () => false), check({}, async () => false)]);
    expect(answers).toEqual([
      { ok: false, cached: 'computed' },
      { ok: false, cached: 'joined' },
    ]);
    expect(await check()).toEqual({ ok: true, cached: 'computed' });
    expect(computed()).toBe(2);
  });

  test('an error reaches all who wait, and the next one computes anew', async () => {
    const { check, computed } = open();
    const hold = held();
    const answers = Array.from({ length: 17 }, () => check({}, hold.compute));
    hold.reject(new Error('busy'));
    const reasons = (await Promise.allSettled(answers)).map((answer) =>
      answer.status === 'rejected' ? answer.reason.message : 'answered',
    );
    expect(reasons).toEqual(Array(17).fill('busy'));
    expect(await check()).toEqual({ ok: true, cached: 'computed' });
    expect(computed()).toBe(2);
  });
});

describe('what is proved', () => {
  test.each<Partial<Claim>>([
    { epoch: 4 },
    { password: 'wrong' },
    { login: 'anne' },
    { store: 'ssh' },
    { stored: '$gh1$other' },
    { store: 'ft', login: 'panna' },
    { login: 'annar', password: 'ight' },
    { password: 'right3', epoch: 0 },
  ])('is not proof of %j', async (changed) => {
    const { check } = open();
    await check();
    expect(await check(changed, async () => false)).toEqual({ ok: false, cached: 'computed' });
  });

  test('holds for its time, counted from the start of the computation', async () => {
    const { world, check } = open({ ttlMs: 60_000 });
    const hold = held();
    const first = check({}, hold.compute);
    world.pass(2000);
    hold.resolve(true);
    await first;
    world.pass(57_999);
    expect((await check()).cached).toBe('hit');
    world.pass(1);
    expect((await check()).cached).toBe('computed');
  });

  test('a hit does not prolong it', async () => {
    const { world, check } = open({ ttlMs: 100 });
    await check();
    world.pass(60);
    expect((await check()).cached).toBe('hit');
    world.pass(60);
    expect((await check()).cached).toBe('computed');
  });

  test('holds for its uses, those who joined included', async () => {
    const { check } = open({ maxUses: 4 });
    await Promise.all([check(), check()]);
    const kinds = [];
    for (let use = 0; use < 4; use += 1) kinds.push((await check()).cached);
    expect(kinds).toEqual(['hit', 'hit', 'computed', 'hit']);
  });

  test('is bounded: the oldest goes first', async () => {
    const { check } = open({ maxEntries: 3 });
    for (const login of ['a', 'b', 'c', 'd']) await check({ login });
    const kinds = [];
    for (const login of ['b', 'c', 'd', 'a']) kinds.push((await check({ login })).cached);
    expect(kinds).toEqual(['hit', 'hit', 'hit', 'computed']);
  });
});

describe('forget', () => {
  test('drops every proof of the name, and of no other', async () => {
    const { verified, check } = open();
    for (const changed of [{}, { epoch: 4 }, { login: 'bert' }, { store: 'ssh' }]) await check(changed);
    verified.forget('ftp', 'anna');
    const kinds = [];
    for (const changed of [{}, { epoch: 4 }, { login: 'bert' }, { store: 'ssh' }]) {
      kinds.push((await check(changed)).cached);
    }
    expect(kinds).toEqual(['computed', 'computed', 'hit', 'hit']);
  });

  test('a computation that began before it proves nothing after it', async () => {
    const { verified, check } = open();
    const hold = held();
    const early = check({}, hold.compute);
    verified.forget('ftp', 'anna');
    hold.resolve(true);
    expect(await early).toEqual({ ok: true, cached: 'computed' });
    expect((await check({}, async () => false)).ok).toBe(false);
  });

  test('nobody joins a computation that began before it, and its end leaves the new one alone', async () => {
    const { verified, check } = open();
    const [before, after] = [held(), held()];
    const early = check({}, before.compute);
    verified.forget('ftp', 'anna');
    const late = check({}, after.compute);
    before.resolve(true);
    await early;
    const joined = check({}, async () => true);
    after.resolve(false);
    expect(await late).toEqual({ ok: false, cached: 'computed' });
    expect(await joined).toEqual({ ok: false, cached: 'joined' });
  });
});
