import { expect, it } from 'vitest';
import {
  namesByKind,
  nextTryMs,
  type Recorded,
  toldAs,
  webhookBody,
  webhookEvents,
} from '../../src/domain/webhook-events.ts';

const event: Recorded = {
  ...{ id: 'evt_1', at: new Date(0), kind: 'account.suspended', actor: { kind: 'operator', id: 'opr_1' } },
  ...{ accountId: 'acc_1', sessionId: null, orderId: null, source: null },
  detail: { reason: 'unpaid', level: 'all', password: 'planted', note: 'inside' },
};

it('tells the facts that are named for it, and no others', () => {
  expect(JSON.parse(webhookBody('account.suspended', event))).toEqual({
    type: 'account.suspended',
    timestamp: '1970-01-01T00:00:00.000Z',
    data: {
      event_id: 'evt_1',
      account_id: 'acc_1',
      actor: { kind: 'operator', id: 'opr_1' },
      reason: 'unpaid',
      level: 'all',
    },
  });
  expect(webhookBody('x', { ...event, kind: 'login.refused' })).not.toContain('reason');
});

it('each event has one name, and logins stay inside', () => {
  expect(new Set(webhookEvents).size).toBe(webhookEvents.length);
  expect(toldAs('credential.set')).toBe('credential.changed');
  expect([toldAs('login.refused'), toldAs('webhook.given_up')]).toEqual([undefined, undefined]);
  expect(namesByKind(['session.ended'])).toEqual({
    'session.ended': 'session.ended',
    'session.expired': 'session.ended',
  });
  expect(Object.keys(namesByKind(['*'])).length).toBeGreaterThanOrEqual(webhookEvents.length);
});

it('waits longer each time, never twice alike, and for a day', () => {
  const gaps: number[] = [];
  let waited = 0;
  for (let attempts = 1; ; attempts++) {
    const gap = nextTryMs(attempts, waited, 0.5);
    if (gap === undefined) break;
    gaps.push(gap);
    waited += gap;
  }
  expect(gaps.slice(0, 4)).toEqual([5000, 15_000, 45_000, 135_000]);
  expect(gaps).toEqual([...gaps].sort((one, other) => one - other));
  expect(gaps.length).toBeGreaterThan(10);
  expect(waited).toBeGreaterThan(20 * 3_600_000);
  expect(waited).toBeLessThanOrEqual(86_400_000);
  expect([nextTryMs(1, 0, 0), nextTryMs(1, 0, 1)]).toEqual([4000, 6000]);
  expect(nextTryMs(1, 86_400_000, 0)).toBeUndefined();
});
