/** Promises 2 and 4: every death has its reason, at its very millisecond, on every node; the check is the truth. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { checkSession } from '../../src/actions/check-session.ts';
import { removeCredential, setCredential } from '../../src/actions/credentials.ts';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { logoff } from '../../src/actions/logoff.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { sweepSessions } from '../../src/actions/tidy.ts';
import { checkQueries } from '../../src/metrics.ts';
import type { CheckAnswer } from '../../src/protocol/api.ts';
import { createChecks } from '../../src/store/checks.ts';
import {
  admin,
  fitTestHouse,
  hexHash,
  opened,
  panel,
  password,
  type TestNode,
  value,
} from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
const other = house.node();
const { token: key } = await house.client(['sessions']);

const minute = 60_000;
const hour = 60 * minute;
let count = 0;
let login = '';
let account = '';

beforeEach(async () => {
  login = `login-${++count}`;
  account = await house.account(login, { panel: password });
  value(await changePolicy(house.ctx(admin), { stores: null }));
});

const open = async (profile: 'standard' | 'public' = 'standard') =>
  opened(await house.guess({ login, store: 'panel', profile }));

async function check(token: string, node: TestNode = house, touch = true): Promise<CheckAnswer> {
  return value(await checkSession(node.house, hexHash(key), hexHash(token), touch)).answer;
}
const dead = (reason: string) => ({ active: false, reason });
const policy = async (clock: object) =>
  value(await changePolicy(house.ctx(admin), { stores: { panel: { standard: clock } } }));

it('a live session tells whose it is and when it ends', async () => {
  const { id, token } = await open();
  const at = (ms: number) => new Date(house.now() + ms).toISOString();
  expect(await check(token)).toMatchObject({
    active: true,
    account: { id: account, login },
    session: { id, idle_expires_at: at(15 * minute), absolute_expires_at: at(8 * hour), ended_at: null },
  });
});

it('an unknown token is unknown, also one that differs in its last bit', async () => {
  const { token } = await open();
  expect(await check(`${token.slice(0, -1)}${token.endsWith('A') ? 'E' : 'A'}`)).toEqual(dead('unknown'));
});

it('idle: alive a millisecond before its end, dead at it', async () => {
  const { token } = await open();
  house.pass(15 * minute - 1);
  expect(await check(token, house, false)).toMatchObject({ active: true });
  house.pass(1);
  expect(await check(token)).toEqual(dead('idle'));
});

it('absolute: no activity carries a session past it', async () => {
  const { token } = await open('public');
  for (let passed = 0; passed < 29; passed++) {
    house.pass(minute);
    expect(await check(token)).toMatchObject({ active: true });
    await house.house.touches.flush();
  }
  house.pass(minute);
  expect(await check(token)).toEqual(dead('absolute'));
});

it('ended: by order, and by the customer himself', async () => {
  const [first, second] = [await open(), await open()];
  const select = { ids: [first.id] };
  value(await endSessions(house.ctx(admin), { select, reason: 'x', dry_run: false }));
  expect(await check(first.token, other)).toEqual(dead('ended'));
  const facts = await house.house.checks.lookup(hexHash(second.token), undefined);
  if (facts.session === undefined) throw new Error('no session');
  await logoff(house.ctx({ kind: 'session', session: facts.session, policy: facts.policy }));
  expect(await check(second.token, other)).toEqual(dead('ended'));
  expect(await house.session(second.id)).toMatchObject({ end_reason: 'logoff' });
});

it('credential_changed: by a new password and by a credential taken away', async () => {
  const first = await open();
  value(await setCredential(house.ctx(panel), account, 'panel', { password: `${password} two` }));
  expect(await check(first.token, other)).toEqual(dead('credential_changed'));
  const second = opened(await house.guess({ login, store: 'panel', password: `${password} two` }));
  value(await removeCredential(house.ctx(panel), account, 'panel', login));
  expect(await check(second.token, other)).toEqual(dead('credential_changed'));
});

it('account_suspended: wholly, but not where only new logins are shut', async () => {
  const { token } = await open();
  value(await changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'logins', reason: 'x' }));
  expect(await check(token, other)).toMatchObject({ active: true });
  value(await changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'all', reason: 'x' }));
  expect(await check(token, other)).toEqual(dead('account_suspended'));
  value(await changeStatus(house.ctx(panel), account, { to: 'active' }));
  expect(await check(token, other)).toEqual(dead('account_suspended'));
});

it('N checks of one turn are one query, on which each gets its own answer', async () => {
  const sessions = await Promise.all(Array.from({ length: 5 }, () => open()));
  value(
    await endSessions(house.ctx(admin), {
      select: { ids: [sessions[1]?.id ?? ''] },
      reason: 'x',
      dry_run: false,
    }),
  );
  const queries = async () => (await checkQueries.get()).values[0]?.value ?? 0;
  const before = await queries();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => check(sessions[i % 5]?.token ?? '')),
  );
  expect((await queries()) - before).toBe(1);
  answers.forEach((answer, i) => {
    if (i % 5 === 1) expect(answer).toEqual(dead('ended'));
    else expect(answer).toMatchObject({ active: true, session: { id: sessions[i % 5]?.id } });
  });
});

it('a key without the scope, a revoked one and an unknown one get no decision', async () => {
  const { token } = await open();
  const weak = await house.client(['accounts']);
  const ask = (by: string) => checkSession(house.house, hexHash(by), hexHash(token), true);
  expect(await ask(weak.token)).toMatchObject({ ok: false, refusal: { refused: 'not_allowed' } });
  const strong = await house.client(['sessions']);
  expect((await ask(strong.token)).ok).toBe(true);
  await house.database.sql`update clients set revoked_at = now() where id = ${strong.id}`;
  expect(await ask(strong.token)).toMatchObject({ ok: false, refusal: { refused: 'not_authenticated' } });
  expect(await ask(`${strong.token}x`)).toMatchObject({ ok: false });
});

it('activity on one node holds on the other once it is written, and counts at once where it was seen', async () => {
  const { token } = await open();
  house.pass(14 * minute);
  await check(token);
  house.pass(2 * minute);
  expect(await check(token, house, false)).toMatchObject({ active: true });
  await house.house.touches.flush();
  expect(await check(token, other, false)).toMatchObject({ active: true });
});

it('a short idle clock is not outrun by writing behind: noted activity is at most a tenth of it old', async () => {
  await policy({ idle_seconds: 10 });
  const { token } = await open();
  for (let i = 0; i < 30; i++) {
    house.pass(1000);
    expect(await check(token)).toMatchObject({ active: true });
    await house.house.touches.flush();
  }
  house.pass(8_900);
  expect(await check(token, other, false)).toMatchObject({ active: true });
});

it('a check with touch: false is no activity', async () => {
  const { token } = await open();
  house.pass(14 * minute);
  await check(token, house, false);
  house.pass(minute);
  expect(await check(token)).toEqual(dead('idle'));
});

it('a touch never wakes the dead and never goes back, however late it is written', async () => {
  const { id, token } = await open();
  house.pass(10 * minute);
  await check(token);
  value(await endSessions(other.ctx(admin), { select: { ids: [id] }, reason: 'x', dry_run: false }));
  await house.house.touches.flush();
  expect(await check(token)).toEqual(dead('ended'));
  const idle = await open();
  house.pass(16 * minute);
  expect(await check(idle.token)).toEqual(dead('idle'));
  await house.house.touches.flush();
  expect(await check(idle.token, other)).toEqual(dead('idle'));
  house.house.touches.note(idle.id, house.now());
  await house.house.touches.flush();
  expect(await check(idle.token, other)).toEqual(dead('idle'));
});

it('a shorter policy holds at once on another node, for sessions that live already', async () => {
  const { token } = await open();
  house.pass(2 * minute);
  expect(await check(token, other, false)).toMatchObject({ active: true });
  await policy({ idle_seconds: 60 });
  expect(await check(token, other)).toEqual(dead('idle'));
});

it('a longer policy lengthens nothing that is open', async () => {
  await policy({ idle_seconds: 60 });
  const { token } = await open();
  await policy({ idle_seconds: 3600, absolute_seconds: 86_400 });
  house.pass(minute);
  expect(await check(token, other)).toEqual(dead('idle'));
});

it('a longer policy revives nothing: not what ran out idle, and not what was used until its absolute end', async () => {
  const { id: idleId, token: idle } = await open();
  const { id: usedId, token: used } = await open();
  await policy({ idle_seconds: 60, absolute_seconds: 240 });
  for (let passed = 0; passed < 240; passed += 20) {
    await check(used);
    await house.house.touches.flush();
    house.pass(20_000);
  }
  expect(await check(idle)).toEqual(dead('idle'));
  expect(await check(used)).toEqual(dead('absolute'));
  await policy({ idle_seconds: null, absolute_seconds: null });
  expect(await check(idle, other)).toEqual(dead('idle'));
  expect(await check(used, other)).toEqual(dead('absolute'));
  expect(await house.session(idleId)).toMatchObject({ end_reason: 'idle' });
  expect(await house.session(usedId)).toMatchObject({ end_reason: 'absolute' });
});

it('a look-up that was overtaken by a policy change never answers by the defaults', async () => {
  await policy({ idle_seconds: 60 });
  const { sql } = house.database;
  // Two batches on their way: the older answer comes after the newer one.
  const held: (() => void)[] = [];
  let hold = false;
  const slow = {
    ...house.database,
    sql: {
      ...sql,
      unsafe: async (...args: Parameters<typeof sql.unsafe>) => {
        const rows = await sql.unsafe(...args);
        if (hold) await new Promise<void>((go) => held.push(go));
        return rows;
      },
    },
  };
  const checks = createChecks(slow as typeof house.database);
  await checks.lookup(undefined, undefined);
  hold = true;
  const older = checks.lookup(undefined, undefined);
  for (let i = 0; i < 100 && held.length === 0; i++) await new Promise((done) => setTimeout(done, 5));
  hold = false;
  await policy({ idle_seconds: 30 });
  await checks.lookup(undefined, undefined);
  for (const go of held) go();
  expect([30, 60]).toContain((await older).policy.stores.panel.standard.idle_seconds);
  expect((await checks.lookup(undefined, undefined)).policy.stores.panel.standard.idle_seconds).toBe(30);
});

it('the sweep writes down the end at its very moment, as the list said before', async () => {
  const { id } = await open();
  const end = house.now() + 15 * minute;
  house.pass(20 * minute);
  await sweepSessions(house.ctx({ kind: 'system' }));
  const row = await house.session(id);
  expect(row.end_reason).toBe('idle');
  expect(Date.parse(row.ended_at ?? '')).toBe(end);
});
