/** Patterns over what is on record: flagged once, by one node, whatever was committed late; and what follows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayPatterns } from '../../src/actions/replay-patterns.ts';
import { watchMemory, watchPatterns } from '../../src/actions/watch-patterns.ts';
import { challenged, redeem } from '../support/customer.ts';
import { giveTotp } from '../support/factors.ts';
import { fitTestHouse, password } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
let token = '';
beforeAll(async () => {
  token = (await house.client(['authenticate'])).token;
});

const memory = () => watchMemory(house.house.world.random(9));
const mine = memory();
const look = (as = mine) => watchPatterns(house.ctx({ kind: 'system' }), as);
const flags = (kind: string) =>
  house.database.sql<
    { id: string; account_id: string | null; count: number; source: string | null }[]
  >`select id, account_id, count, source from flags where kind = ${kind} order by seq`;
const ask = (login: string, source_ip: string) =>
  house.request('POST', '/v1/password-resets', { token, body: { login, source_ip } });

async function owner(login: string): Promise<string> {
  const id = await house.account(login, { panel: password, ftp: password });
  await addressOf(house, id, `${login}@example.net`);
  return id;
}

/** An event as an action writes it, in a transaction of its own. */
const event = (accountId: string, at = house.now()) => house.database.sql`
  insert into audit_events (id, at, kind, actor_kind, actor_id, account_id, source, detail)
  values (${`evt_${Math.random()}`}, ${new Date(at).toISOString()}, 'reset.asked', 'system', 'system', ${accountId},
    '192.0.2.9/32', '{"login":"x"}'::jsonb)`;

it('a reset flood is flagged within a look, and mails come slowly; the requester hears the same', async () => {
  await look();
  const id = await owner('flooded');
  for (let i = 0; i < 5; i++) {
    expect((await ask('flooded', `192.0.2.${i}`)).status).toBe(202);
    house.pass(60_000);
    await mailsOf(house);
  }
  expect(await look()).toBe(1);
  expect(await flags('reset_flood')).toMatchObject([{ account_id: id, count: 1 }]);
  const [effect] = await house.database
    .sql`select effect, pattern from account_effects where account_id = ${id}`;
  expect(effect).toEqual({ effect: 'slow_mails', pattern: 'reset_flood' });
  // Without the flood, the gap after these would be over by now.
  house.pass(15 * 60_000);
  const again = await ask('flooded', '192.0.2.77');
  expect(again.status).toBe(202);
  expect(await mailsOf(house)).toEqual([]);
  expect((await house.events('flag.raised')).at(-1)).toMatchObject({ account_id: id });
});

it('a spray over many logins from many sources, with names of which few exist', async () => {
  await look();
  for (let i = 0; i < 30; i++) {
    await house.guess({ login: `name${i % 10}`, password: `guess number ${i}`, source_ip: `203.0.113.${i}` });
    house.pass(20_000);
  }
  expect(await look()).toBeGreaterThan(0);
  expect(await flags('password_spray')).toHaveLength(1);
});

it('one old mail client with last year’s password is none', async () => {
  await owner('oldmail');
  const before = await house.database.sql`select count(*)::int as n from flags`;
  for (let i = 0; i < 60; i++) {
    await house.guess({ login: 'oldmail', password: 'last year', source_ip: '198.51.100.200' });
    house.pass(60_000);
  }
  await look();
  expect(await house.database.sql`select count(*)::int as n from flags`).toEqual(before);
});

describe('prompt bombing', () => {
  const stranger = '203.0.113.200';

  it('the codes of strangers open nothing for a while, the owner at home comes in, and a dismissal ends it', async () => {
    const id = await owner('bombed');
    const generator = await giveTotp(house, id);
    const from = (source_ip: string) => challenged(house, 'bombed', { source_ip });
    const home = '198.51.100.7';
    const enter = async (source_ip: string) => {
      house.pass(31_000);
      const challenge = await from(source_ip);
      return redeem(house, { challenge_id: challenge.id, kind: 'totp', code: generator.code() });
    };
    expect((await enter(home)).decision).toBe('allow');
    for (let i = 0; i < 5; i++) {
      await from(stranger);
      house.pass(30_000);
    }
    expect(await look()).toBe(1);
    const wrong = await redeem(house, {
      challenge_id: (await from(stranger)).id,
      kind: 'totp',
      code: '000000',
    });
    const right = await enter(stranger);
    // The same answer, whether the code was right or wrong.
    expect(right).toEqual(wrong);
    expect((await house.events('login.refused')).at(-1)?.detail).toMatchObject({ reason: 'held_back' });
    expect((await enter(home)).decision).toBe('allow');
    await house.database
      .sql`update flags set state = 'dismissed', resolved_at = now() where account_id = ${id}`;
    expect((await enter(stranger)).decision).toBe('allow');
  });

  it('it ends by itself', async () => {
    const id = await owner('bombed-again');
    await look();
    const generator = await giveTotp(house, id);
    for (let i = 0; i < 5; i++) {
      await challenged(house, 'bombed-again', { source_ip: stranger });
      house.pass(30_000);
    }
    expect(await look()).toBe(1);
    house.pass(30 * 60_000);
    const { id: challenge_id } = await challenged(house, 'bombed-again', { source_ip: stranger });
    expect((await redeem(house, { challenge_id, kind: 'totp', code: generator.code() })).decision).toBe(
      'allow',
    );
  });
});

describe('the watch', () => {
  it('events that are committed late are counted, and none is counted twice', async () => {
    const id = await owner('late');
    await look();
    const { sql } = house.database;
    let commit = () => {};
    const held = sql.begin(async (tx) => {
      await tx`insert into audit_events (id, at, kind, actor_kind, actor_id, account_id, detail)
        values ('evt_late', ${new Date(house.now()).toISOString()}, 'reset.asked', 'system', 'system', ${id}, '{}'::jsonb)`;
      await new Promise<void>((go) => {
        commit = go;
      });
    });
    await new Promise((go) => setTimeout(go, 50));
    for (let i = 0; i < 4; i++) await event(id);
    expect(await look()).toBe(0);
    // Long after, for the clock; but its transaction is not over.
    house.pass(9_000);
    expect(await look()).toBe(0);
    commit();
    await held;
    expect(await look()).toBe(1);
    expect((await flags('reset_flood')).filter((each) => each.account_id === id)).toMatchObject([
      { count: 1 },
    ]);
    expect(await look()).toBe(0);
  });

  it('a restart: what was found before is not found again, what is unfinished goes on', async () => {
    const id = await owner('restarted');
    await look();
    for (let i = 0; i < 4; i++) await event(id);
    await look();
    const anew = memory();
    // The one before keeps the watch until its time is up.
    expect(await look(anew)).toBeUndefined();
    house.pass(11_000);
    expect(await look(anew)).toBe(0);
    await event(id);
    expect(await look(anew)).toBe(1);
    house.pass(11_000);
    expect(await look()).toBe(0);
    expect((await flags('reset_flood')).filter((each) => each.account_id === id)).toMatchObject([
      { count: 1 },
    ]);
  });

  it('sixteen nodes at once: one watches, and flags once', async () => {
    const id = await owner('many-nodes');
    house.pass(11_000);
    for (let i = 0; i < 5; i++) await event(id);
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => look(memory()).catch(() => undefined)),
    );
    expect(answers.filter((each) => each !== undefined)).toEqual([1]);
    expect((await flags('reset_flood')).filter((each) => each.account_id === id)).toMatchObject([
      { count: 1 },
    ]);
  });
});

it('a replay says what another threshold would have flagged, and changes nothing', async () => {
  const id = await owner('replayed');
  for (let i = 0; i < 4; i++) await event(id);
  await look();
  const counts = () => house.database.sql`select (select count(*)::int from flags) as flags,
    (select count(*)::int from audit_events) as events`;
  const before = await counts();
  const admin = { kind: 'console', user: 'root' } as const;
  const from = new Date(house.now() - 60_000);
  const replay = async (set: Record<string, unknown>) => {
    const outcome = await replayPatterns(house.ctx(admin), { from, set });
    return outcome.ok ? outcome.value.found.filter(({ about }) => about === id) : outcome.refusal;
  };
  expect(await replay({})).toEqual([]);
  expect(await replay({ 'reset_flood.requests': 4 })).toMatchObject([{ pattern: 'reset_flood', times: 1 }]);
  expect(await replay({ 'reset_flood.requests': 1 })).toMatchObject({ refused: 'invalid_field' });
  expect(await replay({ 'reset_flood.nothing': 1 })).toMatchObject({ refused: 'invalid_field' });
  expect(await counts()).toEqual(before);
});
