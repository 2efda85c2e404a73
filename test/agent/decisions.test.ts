import { describe, expect, test } from 'vitest';
import { type ActivityReadings, lastActivity, latestInput } from '../../src/agent/activity-decision.ts';
import { backoffMs } from '../../src/agent/backoff.ts';
import { cgroupPlace, type HostFacts } from '../../src/agent/cgroup-place.ts';
import { judgeClocks, nextMeasureInMs } from '../../src/agent/clock-decision.ts';
import { literalAddress, sourceOf } from '../../src/agent/source-address.ts';
import { TimeShift } from '../../src/agent/time-shift.ts';

describe('a session is over because it was idle or too old', () => {
  const clocks = { idleMs: 2_000, absoluteAt: 10_000 };
  test.each([
    ['fresh', 5_000, 5_000, { state: 'alive', nextAt: 7_000 }],
    ['just before idle', 5_000, 6_999, { state: 'alive', nextAt: 7_000 }],
    ['idle to the millisecond', 5_000, 7_000, { state: 'idle', at: 7_000 }],
    ['the absolute end comes first', 9_500, 9_600, { state: 'alive', nextAt: 10_000 }],
    ['too old though active', 9_999, 10_000, { state: 'absolute', at: 10_000 }],
    ['both over: the earlier names it, idle', 5_000, 20_000, { state: 'idle', at: 7_000 }],
    ['both over: the earlier names it, absolute', 9_000, 20_000, { state: 'absolute', at: 10_000 }],
    ['activity from the future is now', 9_000, 4_000, { state: 'alive', nextAt: 6_000 }],
  ])('%s', (_, last, now, verdict) => {
    expect(judgeClocks(clocks, last, now)).toEqual(verdict);
  });
});

describe('the agent sleeps until a clock may run out', () => {
  const at = (idleMs: number, lastActivityAt: number, absoluteAt = 1e9) => ({
    clocks: { idleMs, absoluteAt },
    lastActivityAt,
  });
  test.each([
    ['no sessions, no measuring', [], undefined],
    ['long clocks: last-seen every 10 s', [at(600_000, 0)], 10_000],
    ['a quarter of the shortest idle limit', [at(600_000, 0), at(2_000, 0)], 500],
    ['the moment of the first end', [at(60_000, -59_800)], 200],
    ['an absolute end', [at(600_000, 0, 1_500)], 1_500],
    ['never a storm', [at(2_000, -5_000)], 50],
  ])('%s', (_, sessions, wait) => {
    expect(nextMeasureInMs(sessions, 0)).toBe(wait);
  });
});

describe('what counts as activity', () => {
  const quiet: ActivityReadings = {
    wire: { receivedAt: 1_000, eitherWayAt: 1_000 },
    relayed: true,
    forwardedAt: undefined,
    ttyReadAt: undefined,
    programsMovedAt: undefined,
  };
  const wire = (receivedAt: number, eitherWayAt: number) => ({ receivedAt, eitherWayAt });
  const cases: [string, Partial<ActivityReadings>, number | undefined][] = [
    ['typing', { wire: wire(20_000, 20_000), ttyReadAt: 16_000 }, 20_000],
    ['output alone is not typing', { wire: wire(5_000, 90_000), ttyReadAt: 0 }, 5_000],
    ['keepalives alone are not typing', { wire: wire(90_000, 90_000), ttyReadAt: 8_000 }, 16_000],
    ['a terminal without ss', { wire: 'unmeasured', ttyReadAt: 8_000 }, 16_000],
    ['sftp', { wire: wire(10_000, 50_000), programsMovedAt: 51_000 }, 50_000],
    ['a hung sftp with keepalives', { wire: wire(90_000, 90_000), programsMovedAt: 30_000 }, 30_000],
    ['busy without a word on the wire', { wire: wire(1_000, 2_000), programsMovedAt: 90_000 }, 2_000],
    ['ssh -N with keepalives', { wire: wire(90_000, 90_000) }, undefined],
    ['ssh -N with a tunnel in use', { wire: wire(90_000, 90_000), forwardedAt: 88_000 }, 88_000],
    ['a tunnel beside an idle shell', { wire: wire(9, 9), ttyReadAt: 0, forwardedAt: 70_000 }, 70_000],
    ['programs left behind', { wire: 'none', programsMovedAt: 90_000, ttyReadAt: 90_000 }, undefined],
    ['FTP', { relayed: false, wire: wire(1_000, 40_000), programsMovedAt: 90_000 }, 40_000],
    ['FTP without ss', { relayed: false, wire: 'unmeasured', programsMovedAt: 90_000 }, 90_000],
    ['nothing can be measured', { relayed: false, wire: 'unmeasured' }, undefined],
  ];
  test.each(cases)('%s', (_, readings, expected) => {
    expect(lastActivity({ ...quiet, ...readings })).toBe(expected);
  });
});

describe('input of terminals', () => {
  const now = 100_000;
  test.each([
    ['none', [], undefined],
    ['one', [90_000], 90_000],
    ['the latest of several', [90_000, 95_000, 10_000], 95_000],
    ['typed while it was measured', [100_200], 100_200],
    ['set to 2099 by its owner', [4_070_908_800_000], 0],
    ['set to 2099, beside one that was used', [4_070_908_800_000, 95_000], 95_000],
  ])('%s', (_, terminals, expected) => {
    expect(latestInput(terminals, now)).toBe(expected);
  });

  test('a terminal that says 2099 is idle, keepalives or not', () => {
    const ttyReadAt = latestInput([4_070_908_800_000], now);
    const wire = { receivedAt: 99_000, eitherWayAt: 99_000 };
    const last = lastActivity({
      wire,
      relayed: true,
      forwardedAt: undefined,
      ttyReadAt,
      programsMovedAt: now,
    });
    expect(last).toBeLessThan(10_000);
  });
});

describe('where a session has its cgroup', () => {
  const host: HostFacts = { mount: '/cg', agentPath: '/', configuredRoot: undefined };
  const plain = { path: '/', alone: false };
  const scope = '/user.slice/user-1000.slice/session-3.scope';
  const unit = '/system.slice/gatehouse-agent.service';
  const cases: [string, HostFacts, { path: string | undefined; alone: boolean }, object | undefined][] = [
    ['no systemd', host, plain, { path: '/cg/gatehouse/ses_a', own: true }],
    ['a login scope', host, { path: scope, alone: true }, { path: `/cg${scope}`, own: false }],
    [
      "somebody else's login scope",
      host,
      { path: scope, alone: false },
      { path: '/cg/gatehouse/ses_a', own: true },
    ],
    [
      'below a login scope',
      host,
      { path: `${scope}/x`, alone: true },
      { path: '/cg/gatehouse/ses_a', own: true },
    ],
    [
      'a unit of its own',
      { ...host, agentPath: unit },
      plain,
      { path: `/cg${unit}/sessions/ses_a`, own: true },
    ],
    [
      'a subgroup of its unit',
      { ...host, agentPath: `${unit}/agent` },
      plain,
      { path: `/cg${unit}/sessions/ses_a`, own: true },
    ],
    [
      'login scope before unit',
      { ...host, agentPath: unit },
      { path: scope, alone: true },
      { path: `/cg${scope}`, own: false },
    ],
    ['a configured root', { ...host, configuredRoot: '/cg/x' }, plain, { path: '/cg/x/ses_a', own: true }],
    [
      'hybrid',
      { ...host, mount: '/sys/unified' },
      plain,
      { path: '/sys/unified/gatehouse/ses_a', own: true },
    ],
    ['no cgroup v2', { ...host, mount: undefined }, plain, undefined],
    [
      'a leader that is gone',
      host,
      { path: undefined, alone: false },
      { path: '/cg/gatehouse/ses_a', own: true },
    ],
  ];
  test.each(cases)('%s', (_, facts, leader, place) => {
    expect(cgroupPlace('ses_a', facts, leader)).toEqual(place);
  });
});

describe('the address of a client', () => {
  test.each([
    ['192.0.2.1', undefined, { ip: '192.0.2.1' }],
    ['::ffff:192.0.2.1', undefined, { ip: '192.0.2.1' }],
    ['fe80::1%eth0', undefined, { ip: 'fe80::1' }],
    ['192.0.2.1', '192.0.2.1 4022 198.51.100.1 22', { ip: '192.0.2.1', port: 4022 }],
    ['host.example', '192.0.2.1 4022 198.51.100.1 22', { ip: '192.0.2.1', port: 4022 }],
    ['192.0.2.9', '192.0.2.1 4022 198.51.100.1 22', { ip: '192.0.2.9' }],
    ['host.example', undefined, {}],
    ['127.0.0.1 or so', 'UNKNOWN 65535 UNKNOWN 65535', {}],
    [undefined, '192.0.2.1 99999 198.51.100.1 22', { ip: '192.0.2.1' }],
  ])('%s with %s', (rhost, ssh, source) => {
    expect(sourceOf(rhost, ssh)).toEqual(source);
  });

  test('a name that its owner chose is not one', () => {
    expect(literalAddress('203.0.113.9.attacker.example')).toBe(undefined);
  });
});

test('ends told by the service hold on a host whose clock is wrong', () => {
  const shift = new TimeShift();
  const session = { idle_seconds: 60, absolute_expires_at: '2026-01-01T01:00:00.000Z' };
  const hereAndNow = Date.parse('2026-01-01T05:00:00.000Z');
  expect(shift.learn('2026-01-01T00:00:00.000Z', hereAndNow)).toBe(-5 * 3_600_000);
  expect(shift.clocksOf(session)).toEqual({ idleMs: 60_000, absoluteAt: hereAndNow + 3_600_000 });
  expect(shift.toService(hereAndNow)).toBe('2026-01-01T00:00:00.000Z');
  expect(shift.learn('2026-01-01T05:00:01.000Z', hereAndNow)).toBe(0);
});

test('agents do not come back as one wave, and wait 15 s at most', () => {
  expect(backoffMs(0, 0)).toBe(100);
  expect(backoffMs(50, 255)).toBeLessThan(10_000);
  expect(new Set(Array.from({ length: 256 }, (_, byte) => backoffMs(5, byte))).size).toBe(256);
});
