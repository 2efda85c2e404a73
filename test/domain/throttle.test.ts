import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyFrom, settings, type ThrottlePolicy } from '../../src/domain/policy.ts';
import {
  admit,
  type BudgetKind,
  type Budgets,
  budgetsFor,
  confirm,
  emptyBudget,
  guessBudgets,
  release,
  settle,
} from '../../src/domain/throttle.ts';

const { throttle } = policyFrom({});
const t0 = Date.UTC(2026, 0, 1);
const facts = { known: false, nameExistsAtDoor: true, sourceSaid: true };
const stranger = budgetsFor(facts);

/** Guesses one after the other at one moment; how many were admitted, and the budgets after. */
function guesses(
  count: number,
  kinds: readonly BudgetKind[] = stranger,
  policy: ThrottlePolicy = throttle,
  start: Budgets = {},
  now = t0,
) {
  let budgets = start;
  let admitted = 0;
  for (let i = 0; i < count; i++) {
    const verdict = admit(kinds, budgets, `wrong ${now} ${i}`, policy, now);
    if (!verdict.admitted) continue;
    admitted += 1;
    budgets = { ...budgets, ...verdict.budgets };
  }
  return { admitted, budgets };
}

describe('who is judged by what', () => {
  it('a known source answers only for itself, a stranger for everything, an unknown name for its source', () => {
    expect(budgetsFor({ ...facts, known: true })).toEqual(['pair', 'familiar']);
    expect(budgetsFor(facts)).toEqual(['pair', 'name', 'strangers', 'source', 'network']);
    expect(budgetsFor({ ...facts, nameExistsAtDoor: false })).toEqual(['absent', 'source', 'network']);
    expect(budgetsFor({ ...facts, known: true, nameExistsAtDoor: false })).toEqual([
      'absent',
      'source',
      'network',
    ]);
  });

  it('callers that do not say where a guess comes from share no budget with each other', () => {
    expect(budgetsFor({ ...facts, sourceSaid: false })).toEqual(['pair', 'name', 'strangers']);
  });
});

describe('booking', () => {
  it('admits as many guesses at once as are free, then tells when to come back', () => {
    expect(guesses(40).admitted).toBe(3);
    const { budgets } = guesses(3);
    expect(admit(stranger, budgets, 'next', throttle, t0)).toEqual({
      admitted: false,
      retryAfterSeconds: 1,
      limit: 'pair',
    });
  });

  it('the same wrong secret counts once, however often it comes', () => {
    let budgets: Budgets = {};
    for (let i = 0; i < 200; i++) {
      const verdict = admit(stranger, budgets, 'an old password', throttle, t0 + i);
      if (!verdict.admitted) throw new Error('throttled');
      budgets = { ...budgets, ...verdict.budgets };
      expect(verdict.booked).toEqual(i === 0 ? stranger : []);
    }
    expect(budgets.name?.failures).toBe(1);
  });

  it('each miss after the free ones doubles the wait, up to the cap', () => {
    const waits: number[] = [];
    let { budgets } = guesses(3, ['pair']);
    let now = t0;
    for (let i = 0; i < 8; i++) {
      const blocked = admit(['pair'], budgets, `ladder ${i}`, throttle, now);
      if (blocked.admitted) throw new Error('admitted');
      waits.push(blocked.retryAfterSeconds);
      now += blocked.retryAfterSeconds * 1000;
      expect(admit(['pair'], budgets, `ladder ${i}`, throttle, now - 1).admitted).toBe(false);
      const judged = admit(['pair'], budgets, `ladder ${i}`, throttle, now);
      if (!judged.admitted) throw new Error('throttled');
      ({ budgets } = judged);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('the lock of a name opens after its time, with clean counts', () => {
    const { budgets } = guesses(10, ['name']);
    const locked = admit(['name'], budgets, 'x', throttle, t0 + 1);
    expect(locked).toMatchObject({ admitted: false, limit: 'name', retryAfterSeconds: 1800 });
    const again = guesses(40, ['name'], throttle, budgets, t0 + 30 * 60_000);
    expect(again.admitted).toBe(10);
  });

  it('a window forgets failures, but not which secrets were wrong', () => {
    const { budgets } = guesses(2);
    const later = t0 + 16 * 60_000;
    const verdict = admit(stranger, budgets, `wrong ${t0} 0`, throttle, later);
    if (!verdict.admitted) throw new Error('throttled');
    expect(verdict.booked).toEqual([]);
    expect(verdict.budgets.pair).toMatchObject({ failures: 0 });
  });

  it('a throttled guess changes nothing', () => {
    const { budgets } = guesses(3);
    expect(admit(stranger, budgets, 'one more', throttle, t0)).not.toHaveProperty('budgets');
  });

  it('the longest wait is told, and none longer than an hour', () => {
    const blocked = { ...emptyBudget, failures: 99 };
    const budgets = {
      pair: { ...blocked, blockedUntil: t0 + 1000 },
      strangers: { ...blocked, blockedUntil: Number.MAX_SAFE_INTEGER },
    };
    expect(admit(stranger, budgets, 'x', throttle, t0)).toMatchObject({
      limit: 'strangers',
      retryAfterSeconds: 3600,
    });
  });
});

describe('repeats of one wrong secret', () => {
  const repeat = (times: number, policy: ThrottlePolicy, kinds: readonly BudgetKind[] = stranger) => {
    let budgets: Budgets = {};
    let admitted = 0;
    for (let i = 0; i < times; i++) {
      const verdict = admit(kinds, budgets, 'last month', policy, t0);
      if (!verdict.admitted) continue;
      admitted += 1;
      budgets = { ...budgets, ...verdict.budgets };
    }
    return { admitted, budgets };
  };

  it('count once, but cost hashes only so often in the window; other guesses are judged as before', () => {
    const policy = { ...throttle, repeated_guesses: 20 };
    const { admitted, budgets } = repeat(100, policy);
    expect(admitted).toBe(21);
    expect(budgets.name?.failures).toBe(1);
    expect(admit(stranger, budgets, 'another', policy, t0).admitted).toBe(true);
    expect(admit(stranger, budgets, 'last month', policy, t0 + 901_000).admitted).toBe(true);
  });

  it('of a name that the door does not know are all counted: nothing tells them apart', () => {
    const kinds = budgetsFor({ ...facts, nameExistsAtDoor: false });
    expect(repeat(20, throttle, kinds).admitted).toBe(throttle.free_failures);
  });

  it('are counted after all when whoever booked the guess gave it back unjudged', () => {
    const first = admit(stranger, {}, 'x', throttle, t0);
    if (!first.admitted) throw new Error('throttled');
    const second = admit(stranger, first.budgets, 'x', throttle, t0);
    if (!second.admitted) throw new Error('throttled');
    const released = { ...second.budgets, ...release(first.booked, second.budgets, 'x', throttle) };
    const counted = confirm(second.repeated, released, 'x', throttle, t0);
    for (const kind of stranger) expect(counted[kind]?.failures).toBe(1);
    expect(confirm(second.repeated, { ...released, ...counted }, 'x', throttle, t0)).toEqual({});
  });
});

describe('after the verdict', () => {
  it('a booking that was not judged leaves no trace', () => {
    const before = guesses(2).budgets;
    const verdict = admit(stranger, before, 'x', throttle, t0);
    if (!verdict.admitted) throw new Error('throttled');
    const after = release(verdict.booked, verdict.budgets, 'x', throttle);
    for (const kind of stranger) {
      expect(after[kind]).toMatchObject({ failures: 2, blockedUntil: 0, digests: before[kind]?.digests });
    }
  });

  it('a good login cleans this source and what is counted in a row; others lose only this booking', () => {
    const before = guesses(2).budgets;
    const verdict = admit(stranger, before, 'right', throttle, t0);
    if (!verdict.admitted) throw new Error('throttled');
    const after = settle(verdict, verdict.budgets, 'right', throttle);
    for (const kind of ['pair', 'strangers', 'familiar'] as const) expect(after[kind]).toEqual(emptyBudget);
    for (const kind of ['name', 'source', 'network'] as const) expect(after[kind]?.failures).toBe(2);
  });
});

const numbers = settings.flatMap((setting) =>
  'min' in setting && setting.path.startsWith('throttle.') ? [setting] : [],
);
const anyPolicy = fc
  .tuple(...numbers.map(({ min, max }) => fc.integer({ min, max: Math.min(max, 5000) })))
  .map(
    (values) => policyFrom(Object.fromEntries(numbers.map(({ path }, i) => [path, values[i] ?? 1]))).throttle,
  );

describe('whatever the policy', () => {
  it('no more than 100 wrong guesses in a row on one authenticator, by strangers and known sources together', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const row = (kind: BudgetKind) => guesses(200, [kind], policy).admitted;
        expect(row('strangers') + row('familiar')).toBeLessThanOrEqual(Math.min(100, policy.hard_cap));
        expect(row('familiar')).toBeGreaterThan(0);
        expect(row('strangers')).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });

  it('the counts in a row never open by waiting', () => {
    fc.assert(
      fc.property(anyPolicy, fc.nat(400 * 86_400_000), (policy, passed) => {
        const { budgets } = guesses(200, ['strangers'], policy);
        expect(admit(['strangers'], budgets, 'x', policy, t0 + passed).admitted).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('in any order of guesses at one moment, each budget admits no more than its limit', () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(fc.nat(30), { maxLength: 150 }), (policy, secrets) => {
        let budgets: Budgets = {};
        const judged = new Set<number>();
        for (const secret of secrets) {
          const verdict = admit(stranger, budgets, String(secret), policy, t0);
          if (!verdict.admitted) continue;
          judged.add(secret);
          budgets = { ...budgets, ...verdict.budgets };
        }
        expect(judged.size).toBeLessThanOrEqual(policy.free_failures);
        expect(judged.size).toBeLessThanOrEqual(policy.lock_failures);
        expect(judged.size).toBeLessThanOrEqual(policy.source_failures);
        expect(judged.size).toBeLessThanOrEqual(policy.network_failures);
      }),
      { numRuns: 100 },
    );
  });

  it('book and release are each other’s reverse, in any order of many at once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000), { maxLength: 3 }), fc.boolean(), (secrets, reversed) => {
        let budgets: Budgets = {};
        const booked: string[] = [];
        for (const secret of secrets.map(String)) {
          const verdict = admit(stranger, budgets, secret, throttle, t0);
          if (!verdict.admitted) continue;
          booked.push(secret);
          budgets = { ...budgets, ...verdict.budgets };
        }
        for (const secret of reversed ? booked.reverse() : booked) {
          budgets = { ...budgets, ...release(stranger, budgets, secret, throttle) };
        }
        for (const kind of stranger) {
          expect(budgets[kind] ?? emptyBudget).toMatchObject({ failures: 0, digests: [], blockedUntil: 0 });
        }
      }),
    );
  });
});

it('every kind of budget has a limit that is reached', () => {
  for (const kind of guessBudgets) expect(guesses(300, [kind]).admitted).toBeLessThan(300);
});
