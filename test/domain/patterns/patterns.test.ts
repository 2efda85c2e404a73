/** A pattern without fixtures fails the suite; each begins at its threshold, and innocent traffic sets none of them off. */
import { describe, expect, it } from 'vitest';
import { patterns } from '../../../src/domain/patterns/index.ts';
import type { Observation } from '../../../src/domain/patterns/observation.ts';
import { observationFrom } from '../../../src/domain/patterns/observation.ts';
import { type Found, watchAll } from '../../../src/domain/patterns/watch.ts';
import { patchPolicy, policyFrom } from '../../../src/domain/policy.ts';
import { fixtures, ordinary } from './fixtures.ts';
import { guess, prompt, reset, times, wrongCode } from './streams.ts';

const defaults = policyFrom({}).patterns;
const foundIn = (stream: readonly Observation[], policies = defaults): Found[] => {
  const watch = watchAll(policies);
  return stream.flatMap((each) => watch.see(each));
};
const of = (name: string, stream: readonly Observation[]) =>
  foundIn(stream).filter((each) => each.pattern === name);

it('every pattern has fixtures, a sentence, and an effect that it may have', () => {
  expect(Object.keys(fixtures).sort()).toEqual(patterns.map(({ name }) => name).sort());
  for (const { says, effect, effects } of patterns) {
    expect(says).toMatch(/^[A-Z].*\.$/);
    expect(effects).toContain(effect);
    expect(effects.slice(0, 2)).toEqual(['off', 'note']);
  }
});

describe.each(patterns)('$name', ({ name }) => {
  const { under, at, over, innocent } = fixtures[name];

  it.each(Object.entries(under))('just under: %s', (_, stream) => expect(of(name, stream)).toEqual([]));

  it.each(Object.entries(at))('at the threshold: %s', (_, stream) => {
    const [finding, ...more] = of(name, stream);
    expect(more).toEqual([]);
    expect(finding?.at).toBe(stream.at(-1)?.at);
    expect(finding?.score).toBeCloseTo(0.5);
    expect(finding?.says).toMatch(/^\S.*\.$/);
    expect(Object.keys(finding?.evidence ?? {})).not.toEqual([]);
  });

  it.each(Object.entries(over))('far over: %s', (_, stream) => {
    const found = of(name, stream);
    expect(found.length).toBeGreaterThan(0);
    const spanMinutes = ((stream.at(-1)?.at ?? 0) - (stream[0]?.at ?? 0)) / 60_000;
    // Said again once a minute at most.
    expect(found.length).toBeLessThanOrEqual(spanMinutes + 2);
    expect(found.at(-1)?.score).toBeGreaterThanOrEqual(found[0]?.score ?? 1);
  });

  it.each(Object.entries(innocent))('innocent: %s', (_, stream) => expect(of(name, stream)).toEqual([]));

  it('a threshold is the policy’s; off is off', () => {
    const [stream = []] = Object.values(at);
    const off = patchPolicy({}, { patterns: { [name]: { effect: 'off' } } });
    if ('faults' in off) throw new Error(JSON.stringify(off.faults));
    expect(
      foundIn(stream, policyFrom(off.overrides).patterns).filter((each) => each.pattern === name),
    ).toEqual([]);
  });
});

it.each(Object.entries(ordinary))('nothing at all is found in: %s', (_, stream) =>
  expect(foundIn(stream)).toEqual([]),
);

it('what is usual at a large host is no attack from everywhere; several times as much is', () => {
  const hours = (from: number, to: number, perHour: number, each: (s: number, i: number) => Observation) =>
    times((to - from) * perHour, (i) => each(from * 3600 + (i * 3600) / perHour, i));
  const typed = (s: number, i: number) => guess(s, `user${i % 7919}`, i % 5000);
  const usual = [...hours(0, 1, 10, typed), ...hours(1, 12, 200, typed)];
  expect(foundIn(usual).filter((each) => each.at > (usual[300]?.at ?? 0))).toEqual([]);
  const attacked = [
    ...usual,
    ...hours(12, 13, 1600, (s, i) => guess(s, `victim${i % 300}`, 6000 + (i % 900))),
  ];
  expect(
    foundIn(attacked)
      .filter((each) => each.at > (usual.at(-1)?.at ?? 0))
      .map((each) => each.pattern),
  ).toContain('password_spray');
});

it('what was committed late is counted all the same', () => {
  const stream = times(5, (i) => reset(i * 60, 'ann', 1));
  const late = [...stream.slice(1), ...stream.slice(0, 1)];
  expect(of('reset_flood', late)).toHaveLength(1);
});

it('a flood from ever new places, names and accounts fills no memory', () => {
  const watch = watchAll(defaults);
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 60_000; i++) {
    watch.see(guess(i / 100, `user${i}`, i));
    if (i % 4 === 0) watch.see(reset(i / 100, `user${i}`, i));
    if (i % 4 === 1) watch.see(prompt(i / 100, `user${i}`, i));
    if (i % 4 === 2) watch.see(wrongCode(i / 100, `user${i}`, i));
  }
  expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(300);
}, 60_000);

it('a reset that is used in a flood is told, and nothing follows: strangers must not shut its owner out', () => {
  const [finding] = of('flood_then_success', fixtures.flood_then_success.at['a reset after five'] ?? []);
  expect(finding?.onlyNote).toBe(true);
  const [other] = of(
    'flood_then_success',
    fixtures.flood_then_success.at['a place that tried five others'] ?? [],
  );
  expect(other).toMatchObject({ entered: expect.stringContaining('/32') });
});

describe('what audit events say', () => {
  const event = {
    at: 1,
    actor: 'client:cli_1',
    accountId: 'acc_1',
    sessionId: null,
    source: '2001:db8:1:2::7',
  };
  const said = (kind: string, detail: object, more: object = {}) =>
    observationFrom({ ...event, kind, detail: { ...detail }, ...more });

  it.each([
    [
      'login.refused',
      { reason: 'wrong_password', login: 'ann' },
      { kind: 'guess', place: '2001:db8:1:2::/64', repeated: false },
    ],
    [
      'login.refused',
      { reason: 'wrong_password', login: 'ann', repeated: true, known: true },
      { kind: 'guess', repeated: true, known: true },
    ],
    ['login.refused', { reason: 'wrong_code', login: 'ann' }, { kind: 'code_refused' }],
    ['login.allowed', { login: 'ann', method: 'password+totp' }, { kind: 'entered', factor: true }],
    ['login.challenged', { login: 'ann' }, { kind: 'prompt' }],
    ['reset.mailed', { login: 'ann' }, { kind: 'reset_asked', name: 'ann', accountId: 'acc_1' }],
    ['reset.used', {}, { kind: 'reset_used' }],
    ['session.proof_refused', {}, { kind: 'proof_refused' }],
  ])('%s %o', (kind, detail, expected) => expect(said(kind, detail)).toMatchObject(expected));

  it('nothing: an app password, a grant, a door that is shut, a password that was right but not enough', () => {
    expect(said('login.allowed', { method: 'app_password' })).toBeUndefined();
    expect(said('login.allowed', { method: 'password+grant' })).toBeUndefined();
    expect(said('login.refused', { reason: 'channel_refused' })).toBeUndefined();
    expect(said('login.refused', { reason: 'second_factor_required' })).toBeUndefined();
    expect(said('session.opened', {})).toBeUndefined();
  });

  it('hostile text in an event is text', () => {
    const odd = { login: { toString: 'x' }, reason: 'unknown_login', known: 'true' };
    expect(said('login.refused', odd, { accountId: null })).toMatchObject({ login: '', known: false });
    expect(observationFrom({ ...event, kind: '__proto__', detail: null })).toBeUndefined();
    expect(observationFrom({ ...event, kind: 'constructor', detail: null })).toBeUndefined();
  });
});
