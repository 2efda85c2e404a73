/** One open flag of a suspicion, however many raise it at once. */
import { afterAll, expect, it } from 'vitest';
import { raiseFlag } from '../../src/actions/steps/raise-flag.ts';
import type { Suspicion } from '../../src/domain/flag.ts';
import { fitTestHouse, type TestNode } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);

const flood: Suspicion = {
  kind: 'reset_flood',
  same: ['acc_x'],
  score: 0.5,
  summary: 'Many resets were asked for.',
  source: '192.0.2.0/24',
  evidence: { requests: 9 },
};

function raise(node: TestNode, said: Suspicion) {
  const ctx = node.ctx({ kind: 'system' });
  return ctx.act(async (tx) => {
    const raised = await raiseFlag(tx, ctx, said);
    return { value: raised, events: raised?.events ?? [{ kind: 'flag.seen' as const }] };
  });
}

it('twenty at once on two nodes make one open flag that counts twenty, one history line and one raised event', async () => {
  const nodes = [house, house.node()];
  const raised = await Promise.all(
    Array.from({ length: 20 }, (_, n) => raise(nodes[n % 2] as TestNode, { ...flood, score: n / 20 })),
  );
  expect(new Set(raised.map((each) => each?.flag.id)).size).toBe(1);
  expect(raised.filter((each) => each?.opened)).toHaveLength(1);
  const rows = await house.database.sql`select state, count, score, evidence from flags`;
  expect(rows).toMatchObject([{ state: 'open', count: 20, evidence: { requests: 9 } }]);
  expect(rows[0]?.score).toBeCloseTo(0.95);
  expect(await house.database.sql`select what from flag_events`).toMatchObject([{ what: 'raised' }]);
  expect(await house.events('flag.raised')).toHaveLength(1);
  expect(await house.events('flag.seen')).toHaveLength(19);
});

it('another kind or other words are another flag; the evidence of the highest score is kept', async () => {
  const spray: Suspicion = { ...flood, kind: 'reset_spray', same: ['192.0.2.0/24'] };
  const first = await raise(house, { ...spray, score: 0.9, evidence: { accounts: 40 } });
  const second = await raise(house, { ...spray, score: 0.2, evidence: { accounts: 2 }, times: 3 });
  expect(second?.flag).toMatchObject({ id: first?.flag.id, count: 4, evidence: { accounts: 40 } });
  expect((await raise(house, { ...spray, same: ['198.51.100.0/24'] }))?.opened).toBe(true);
});

it('after a dismissal the same rests as long as was said, and a new one is opened then', async () => {
  const said: Suspicion = { ...flood, same: ['acc_rest'], restMs: 60_000 };
  const first = await raise(house, said);
  await house.database
    .sql`update flags set state = 'dismissed', resolved_at = ${new Date(house.now()).toISOString()} where id = ${first?.flag.id ?? ''}`;
  expect(await raise(house, said)).toBeUndefined();
  house.pass(60_000);
  expect(await raise(house, said)).toMatchObject({ opened: true, flag: { count: 1 } });
});
