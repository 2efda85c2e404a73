import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channels } from '../../src/domain/channels/index.ts';
import {
  channelAllowed,
  type Overrides,
  patchPolicy,
  policyFrom,
  settings,
} from '../../src/domain/policy.ts';

function patched(overrides: Overrides, patch: Record<string, unknown>): Overrides {
  const outcome = patchPolicy(overrides, patch);
  if ('faults' in outcome) throw new Error(JSON.stringify(outcome.faults));
  return outcome.overrides;
}
const faults = (patch: Record<string, unknown>) => {
  const outcome = patchPolicy({}, patch);
  return 'faults' in outcome ? outcome.faults.map((each) => each.path) : [];
};

describe('the defaults', () => {
  it.each([
    ['panel', 'standard', 900, 28_800],
    ['panel', 'public', 300, 1800],
    ['panel', 'operator', 600, 28_800],
    ['ftp', 'standard', 300, 43_200],
    ['ssh', 'standard', 900, 43_200],
  ] as const)('%s, %s: %i s idle, %i s at most', (store, profile, idle, absolute) => {
    expect(policyFrom({}).stores[store][profile]).toMatchObject({
      idle_seconds: idle,
      absolute_seconds: absolute,
    });
  });

  it('telnet is off, everything else on', () => {
    const closed = Object.entries(policyFrom({}).channels).filter(([, { allowed }]) => !allowed);
    expect(closed.map(([name]) => name)).toEqual(['telnet']);
  });

  it('telnet, turned on, is open to canonical addresses of loopback alone; every other channel to all', () => {
    const on = policyFrom({ 'channels.telnet.allowed': true });
    const asked = ['127.0.0.1', '127.255.255.254', '::1'].map((source) => [source, true] as const);
    const others = [
      undefined,
      '',
      '126.0.0.1',
      '128.0.0.1',
      '192.0.2.7',
      '::',
      '::2',
      '127.0.0.1.example.net',
    ];
    for (const [source, open] of [...asked, ...others.map((each) => [each, false] as const)]) {
      expect(channelAllowed(on, 'telnet', source), source).toBe(open);
      expect(channelAllowed(policyFrom({}), 'telnet', source), source).toBe(false);
    }
    const elsewhere = channels.filter(({ name }) => channelAllowed(on, name, '192.0.2.7'));
    expect(elsewhere.map(({ name }) => name)).toEqual(
      channels.map(({ name }) => name).filter((name) => name !== 'telnet'),
    );
    expect(channelAllowed(on, 'gopher', '127.0.0.1')).toBe(false);
  });

  it('every setting lies within its own bounds', () => {
    for (const setting of settings) {
      if (!('min' in setting)) continue;
      expect(setting.default).toBeGreaterThanOrEqual(setting.min);
      expect(setting.default).toBeLessThanOrEqual(setting.max);
    }
  });

  it('a clock is at least a second and never longer than the numbers allow', () => {
    const max = (path: string) => settings.find((each) => each.path === path && 'max' in each);
    expect(max('stores.panel.standard.idle_seconds')).toMatchObject({ min: 1, max: 3600 });
    expect(max('stores.panel.standard.absolute_seconds')).toMatchObject({ min: 1, max: 86_400 });
    expect(max('stores.panel.public.idle_seconds')).toMatchObject({ max: 600 });
    expect(max('stores.panel.operator.absolute_seconds')).toMatchObject({ max: 43_200 });
    expect(max('throttle.hard_cap')).toMatchObject({ max: 100 });
  });
});

describe('the merge patch (RFC 7396)', () => {
  const changed = patched(
    {},
    {
      stores: {
        panel: { standard: { idle_seconds: 60, max_sessions: 2 } },
        ftp: { public: { idle_seconds: 9 } },
      },
      throttle: { free_failures: 5 },
    },
  );

  it('changes what it names and leaves the rest', () => {
    const policy = policyFrom(changed);
    expect(policy.stores.panel.standard).toEqual({
      idle_seconds: 60,
      absolute_seconds: 28_800,
      max_sessions: 2,
    });
    expect(policy.throttle.free_failures).toBe(5);
    expect(policy.throttle.lock_failures).toBe(10);
  });

  it('null puts a leaf, a branch and a whole part back to the defaults', () => {
    const leaf = patched(changed, { stores: { panel: { standard: { idle_seconds: null } } } });
    expect(policyFrom(leaf).stores.panel.standard).toMatchObject({ idle_seconds: 900, max_sessions: 2 });
    const branch = patched(changed, { stores: { panel: null } });
    expect(policyFrom(branch).stores).toMatchObject({
      panel: { standard: { max_sessions: 10 } },
      ftp: { public: { idle_seconds: 9 } },
    });
    expect(patched(changed, { stores: null, throttle: null })).toEqual({});
  });

  it('an empty branch changes nothing', () => {
    expect(patched(changed, {})).toEqual(changed);
    expect(patched(changed, { stores: { panel: {} }, throttle: {} })).toEqual(changed);
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['unknown settings', { nothing: 1, throttle: { no: null } }, ['nothing', 'throttle.no']],
    ['a value where a branch is', { throttle: 5, stores: ['x'] }, ['throttle', 'stores']],
    ['a branch where a value is', { throttle: { hard_cap: { a: 1 } } }, ['throttle.hard_cap']],
    [
      'the wrong kind',
      { channels: { telnet: { allowed: 'yes' } }, throttle: { hard_cap: '9' } },
      ['channels.telnet.allowed', 'throttle.hard_cap'],
    ],
    [
      'fractions and what is no number',
      { throttle: { hard_cap: 10.5, free_failures: Number.NaN } },
      ['throttle.hard_cap', 'throttle.free_failures'],
    ],
    ['a path for a name', { 'throttle.hard_cap': 50 }, ['"throttle.hard_cap"']],
    ['an unknown channel', { channels: { gopher: { allowed: true } } }, ['channels.gopher']],
    [
      'a prototype',
      JSON.parse('{"__proto__":{"x":1},"constructor":1}') as Record<string, unknown>,
      ['__proto__', 'constructor'],
    ],
  ])('names every fault: %s', (_, patch, paths) => {
    expect(faults(patch)).toEqual(paths);
  });

  it('either all of it or nothing', () => {
    expect(patchPolicy({}, { throttle: { free_failures: 5, hard_cap: 101 } })).not.toHaveProperty(
      'overrides',
    );
  });

  const nested = (path: string, value: unknown) =>
    path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<
      string,
      unknown
    >;

  it('every setting takes its bounds and nothing beyond', () => {
    for (const setting of settings) {
      if (!('min' in setting)) continue;
      for (const good of [setting.min, setting.max]) expect(faults(nested(setting.path, good))).toEqual([]);
      for (const bad of [setting.min - 1, setting.max + 1])
        expect(faults(nested(setting.path, bad))).toEqual([setting.path]);
    }
  });

  it('a patch laid twice is a patch laid once, and null takes it away without a trace', () => {
    fc.assert(
      fc.property(fc.constantFrom(...settings), fc.integer({ min: 0, max: 100 }), (setting, share) => {
        const value =
          'min' in setting
            ? setting.min + Math.floor(((setting.max - setting.min) * share) / 100)
            : 'oneOf' in setting
              ? (setting.oneOf[share % setting.oneOf.length] ?? '')
              : share > 50;
        const once = patched(changed, nested(setting.path, value));
        expect(patched(once, nested(setting.path, value))).toEqual(once);
        const { [setting.path]: _, ...rest } = changed;
        expect(patched(once, nested(setting.path, null))).toEqual(rest);
      }),
    );
  });
});
