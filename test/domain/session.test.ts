import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storeNames } from '../../src/domain/channels/index.ts';
import { policyFrom, profiles } from '../../src/domain/policy.ts';
import {
  clocksInForce,
  deathReason,
  endReasons,
  endsAt,
  expiryReason,
  openingClocks,
  type Standing,
  type StoredClocks,
  touchEveryMs,
} from '../../src/domain/session.ts';

const policy = policyFrom({});
const t0 = Date.UTC(2026, 0, 1);
const minute = 60_000;

/** 15 minutes idle and 8 hours absolute, as stored under the default policy. */
const stored: StoredClocks = {
  store: 'panel',
  profile: 'standard',
  openedAt: t0,
  lastSeenAt: t0,
  idleMs: 15 * minute,
  absoluteAt: t0 + 480 * minute,
};
const live: Standing = { endReason: undefined, cutOff: false, credentialCurrent: true, accountOpen: true };

describe('expiryReason', () => {
  it.each<[string, Partial<StoredClocks>, number, 'idle' | 'absolute' | undefined]>([
    ['just opened', {}, 0, undefined],
    ['a millisecond before its idle end', {}, 15 * minute - 1, undefined],
    ['at its idle end', {}, 15 * minute, 'idle'],
    ['seen lately', { lastSeenAt: t0 + 470 * minute }, 479 * minute, undefined],
    ['a millisecond before its absolute end', { lastSeenAt: t0 + 479 * minute }, 480 * minute - 1, undefined],
    ['at its absolute end', { lastSeenAt: t0 + 479 * minute }, 480 * minute, 'absolute'],
    ['idle long before its absolute end, asked after both', {}, 600 * minute, 'idle'],
    ['both at once', { lastSeenAt: t0 + 465 * minute }, 480 * minute, 'absolute'],
    ['stored shorter than the policy', { idleMs: minute }, minute, 'idle'],
  ])('%s', (_, change, passed, reason) => {
    expect(expiryReason({ ...stored, ...change }, policy, t0 + passed)).toBe(reason);
  });
});

const seconds = (max: number) => fc.integer({ min: 1, max });
const anyPolicy = fc.record({ idle: seconds(3600), absolute: seconds(86_400) }).map(({ idle, absolute }) =>
  policyFrom({
    'stores.panel.standard.idle_seconds': idle,
    'stores.panel.standard.absolute_seconds': absolute,
  }),
);
const anySession = fc
  .record({ idle: seconds(3600), absolute: seconds(86_400), seen: fc.integer({ min: 0, max: 86_400_000 }) })
  .map(({ idle, absolute, seen }) => ({
    ...stored,
    idleMs: idle * 1000,
    absoluteAt: t0 + absolute * 1000,
    lastSeenAt: t0 + seen,
  }));
const anyMoment = fc.integer({ min: 0, max: 100_000_000 }).map((passed) => t0 + passed);

describe('the clocks, whatever the policy', () => {
  it('a policy only shortens what is stored', () => {
    fc.assert(
      fc.property(anySession, anyPolicy, (session, rules) => {
        const clocks = clocksInForce(session, rules);
        expect(clocks.idleMs).toBeLessThanOrEqual(session.idleMs);
        expect(clocks.absoluteAt).toBeLessThanOrEqual(session.absoluteAt);
      }),
    );
  });

  it('the end is the earlier of both clocks, and exactly there life turns to death', () => {
    fc.assert(
      fc.property(anySession, anyPolicy, anyMoment, (session, rules, now) => {
        const { idleAt, absoluteAt } = endsAt(session, rules);
        expect(idleAt).toBeLessThanOrEqual(absoluteAt);
        expect(expiryReason(session, rules, now) === undefined).toBe(now < idleAt);
        expect(expiryReason(session, rules, idleAt - 1)).toBeUndefined();
        expect(expiryReason(session, rules, idleAt)).toBe(idleAt < absoluteAt ? 'idle' : 'absolute');
      }),
    );
  });

  it('once over, over: neither time nor activity changes the reason or brings it back', () => {
    fc.assert(
      fc.property(anySession, anyPolicy, anyMoment, fc.nat(100_000_000), (session, rules, now, later) => {
        const reason = expiryReason(session, rules, now);
        if (reason === undefined) return;
        expect(expiryReason(session, rules, now + later)).toBe(reason);
      }),
    );
  });

  it('opening clocks are those of the policy', () => {
    for (const store of storeNames) {
      for (const profile of profiles) {
        const rules = policy.stores[store][profile];
        const clocks = openingClocks(policy, store, profile, t0);
        expect(clocks).toEqual({
          idleMs: rules.idle_seconds * 1000,
          absoluteAt: t0 + rules.absolute_seconds * 1000,
        });
      }
    }
  });

  it('noted activity is never more than a tenth of the idle clock old, nor than 10 s', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 3_600_000 }), (idleMs) => {
        expect(touchEveryMs(idleMs)).toBeLessThanOrEqual(Math.min(10_000, idleMs / 10));
      }),
    );
  });
});

describe('deathReason', () => {
  it.each<[Partial<Standing>, string | undefined]>([
    [{}, undefined],
    [{ cutOff: true }, 'ended'],
    [{ accountOpen: false }, 'account_suspended'],
    [{ credentialCurrent: false }, 'credential_changed'],
    [{ accountOpen: false, credentialCurrent: false }, 'account_suspended'],
    [{ endReason: 'replaced' }, 'ended'],
    [{ endReason: 'idle', cutOff: true }, 'idle'],
  ])('%j: %s', (change, reason) => {
    expect(deathReason({ ...stored, ...live, ...change }, policy, t0)).toBe(reason);
  });

  it('every stored reason is told as one of the six of the contract', () => {
    const told = ['unknown', 'idle', 'absolute', 'ended', 'credential_changed', 'account_suspended'];
    for (const endReason of endReasons) {
      expect(told).toContain(deathReason({ ...stored, ...live, endReason }, policy, t0));
    }
  });
});
