/** Mail to the staff: together, with growing pauses, once on any number of nodes, and nothing in it that others wrote. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { changePolicy } from '../../src/actions/policy.ts';
import { setEmailOfOperator } from '../../src/actions/principals.ts';
import { raiseFlag } from '../../src/actions/steps/raise-flag.ts';
import { tellOperators } from '../../src/actions/tell-operators.ts';
import type { FlagKind } from '../../src/domain/flag.ts';
import { digestGap } from '../../src/domain/operator-digest.ts';
import { admin, fitTestHouse, value } from '../support/house.ts';
import { mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
const { sql } = house.database;
const system = (node: Pick<typeof house, 'ctx'> = house) => node.ctx({ kind: 'system' });
const minute = 60_000;
let flags = 0;

const flag = async (kind: FlagKind = 'reset_flood', score = 0.9) => {
  flags += 1;
  const summary = 'ATTACKER call +1 555 0100';
  const said = { kind, same: [`${flags}`], score, summary, evidence: { text: 'ATTACKER' } };
  await system().act(async (tx) => {
    const raised = await raiseFlag(tx, system(), said);
    if (raised === undefined) throw new Error('not raised');
    return { value: raised.flag.id, events: raised.events };
  });
};
const email = async (role: 'admin' | 'support' | 'auditor', address: string) => {
  const { id } = await house.operator(role);
  const [row] = await sql<{ login: string }[]>`select login from operators where id = ${id}`;
  const shell = house.ctx({ kind: 'console', user: 'root' });
  value(await setEmailOfOperator(shell, row?.login ?? '', address));
};

beforeEach(async () => {
  await sql`delete from operator_notices`;
  await sql`update operator_digest set last_at = null, gap_ms = 0`;
  await sql`update operators set email = null`;
});

it('writes one mail about many flags to each of the staff who acts, with ids and kinds alone', async () => {
  await email('admin', 'admin@host.test');
  await email('support', 'help@host.test');
  await email('auditor', 'auditor@host.test');
  for (let n = 0; n < 25; n++) await flag();
  expect(await tellOperators(system())).toBe(2);
  const mails = await mailsOf(house);
  expect(mails.map(({ to }) => to).sort()).toEqual(['admin@host.test', 'help@host.test']);
  expect(mails[0]?.subject).toBe('Gatehouse: 25 things to look at');
  expect(mails[0]?.text.match(/Flag flg_/g)).toHaveLength(20);
  expect(mails[0]?.text).toMatch(/reset flood[\s\S]*And 5 more\.[\s\S]*to the staff\./);
  expect(mails[0]?.text).not.toContain('ATTACKER');
  expect(await house.events('operators.told')).toMatchObject([{ detail: { notices: 25 } }]);
  expect(await tellOperators(system())).toBe(0);
});

it('twenty rounds at once on three nodes write one mail', async () => {
  await email('admin', 'admin@host.test');
  await flag();
  const nodes = [house, house.node(), house.node()];
  const told = await Promise.all(Array.from({ length: 20 }, (_, n) => tellOperators(system(nodes[n % 3]))));
  expect(told.filter((count) => count > 0)).toEqual([1]);
  expect(await mailsOf(house)).toHaveLength(1);
});

it('ATTACK: who raises flags without end writes a handful of mails a day', async () => {
  await email('admin', 'admin@host.test');
  let mails = 0;
  for (let n = 0; n < 24 * 20; n++) {
    if (n % 4 === 0) await flag();
    mails += await tellOperators(system());
    house.pass(3 * minute);
  }
  expect(mails).toBeGreaterThan(5);
  expect(mails).toBeLessThan(15);
  const [left] = await sql`select count(*)::int from operator_notices where told_at is null`;
  expect(left?.count).toBeLessThan(25);
  house.pass(24 * 60 * minute);
  await tellOperators(system());
  await mailsOf(house);
});

it('tells the kinds and scores that the policy names', async () => {
  await email('admin', 'admin@host.test');
  const set = async (operator_mail: object | null) =>
    value(await changePolicy(house.ctx(admin), { operator_mail }));
  await set({ least_score: 80, flags: { reset_flood: false } });
  await flag('reset_flood', 1);
  await flag('message', 0.79);
  expect(await tellOperators(system())).toBe(0);
  await flag('message', 0.8);
  expect(await tellOperators(system())).toBe(1);
  await mailsOf(house);
  await set(null);
});

it('what happens while nobody has an address waits for one', async () => {
  await flag();
  expect(await tellOperators(system())).toBe(0);
  await email('support', 'help@host.test');
  expect(await tellOperators(system())).toBe(1);
  await mailsOf(house);
});

it('pauses grow while it goes on, and are short again after quiet', () => {
  const gaps = { firstMs: 5 * minute, longestMs: 60 * minute };
  expect(digestGap({ lastAt: undefined, gapMs: 0 }, 0, gaps)).toBe(5 * minute);
  const after = (gapMs: number, sinceMs: number) => digestGap({ lastAt: 0, gapMs }, sinceMs, gaps);
  expect(after(5 * minute, 5 * minute - 1)).toBeUndefined();
  expect(after(5 * minute, 5 * minute)).toBe(10 * minute);
  expect(after(40 * minute, 40 * minute)).toBe(60 * minute);
  expect(after(60 * minute, 60 * minute)).toBe(60 * minute);
  expect(after(5 * minute, 64 * minute)).toBe(10 * minute);
  expect(after(60 * minute, 120 * minute)).toBe(5 * minute);
});
