/** Promise 3: the triggers below the actions. Whatever hand changes a secret or a status, sessions die with it. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { ordersFor } from '../../src/actions/host-orders.ts';
import { openHostSession } from '../../src/actions/open-host-session.ts';
import { rehash } from '../../src/store/credentials.ts';
import { agentOf, fitTestHouse, opened, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
const { sql } = house.database;

let account = '';
let login = '';
let count = 0;
/** One session by token, one in a process. */
let token: { id: string; token: string };
let door = '';

const boot = '00000000-0000-4000-8000-000000000000';

beforeEach(async () => {
  login = `login-${++count}`;
  account = await house.account(login, { ssh: password });
  token = opened(await house.guess({ login, store: 'ssh', open_session: true }));
  const proof = await house.guess({ login, store: 'ssh', open_session: false });
  if (proof.decision !== 'allow') throw new Error(proof.decision);
  const answer = value(
    await openHostSession(house.ctx(agentOf('h1')), {
      ...{ host: 'h1', store: 'ssh', channel: 'ssh', login, method: 'password', verified: proof.verified },
      process: { pid: 4711, start: String(count), boot_id: boot },
    }),
  );
  if (answer.decision !== 'allow') throw new Error(answer.decision);
  door = answer.session.id;
});

const epoch = async () =>
  (await sql`select epoch::int from credentials where account_id = ${account}`)[0]?.epoch;

async function expectEnded(reason: string): Promise<void> {
  expect(await house.session(token.id)).toMatchObject({ end_reason: reason, door_state: null });
  expect(await house.session(door)).toMatchObject({ end_reason: reason, door_state: 'pending' });
  expect((await house.session(token.id)).ended_at).not.toBeNull();
}

async function hostsWoken(change: () => Promise<unknown>): Promise<string[]> {
  const heard: string[] = [];
  const stop = await house.database.listen('gatehouse_orders', (host) => host && heard.push(host));
  await change();
  for (let i = 0; i < 100 && heard.length === 0; i++) await new Promise((done) => setTimeout(done, 10));
  await stop();
  return heard;
}

it('a hash changed by hand is a new epoch, ends what it opened, and wakes the host', async () => {
  const heard = await hostsWoken(
    () => sql`update credentials set hash = 'another' where account_id = ${account}`,
  );
  expect(heard).toEqual(['h1']);
  expect(await epoch()).toBe(2);
  await expectEnded('credential_changed');
});

it.each(['login = login || 1', "store = 'ftp'"])(
  'a credential that was given away (%s) is a new epoch',
  async (set) => {
    await sql.unsafe(`update credentials set ${set} where account_id = $1`, [account]);
    expect(await epoch()).toBe(2);
    await expectEnded('credential_changed');
  },
);

it('an epoch raised by hand ends sessions; one put back is refused', async () => {
  await sql`update credentials set epoch = epoch + 5 where account_id = ${account}`;
  await expectEnded('credential_changed');
  await expect(sql`update credentials set epoch = 1 where account_id = ${account}`).rejects.toThrow(
    'never goes back',
  );
});

it('a deleted credential ends what it opened', async () => {
  await sql`delete from credentials where account_id = ${account}`;
  await expectEnded('credential_changed');
});

it('a use that is noted is no new epoch', async () => {
  await sql`update credentials set last_used_at = now() where account_id = ${account}`;
  expect(await epoch()).toBe(1);
  expect((await house.session(door)).ended_at).toBeNull();
});

it.each([
  ["status = 'suspended'", 'an account suspended by hand'],
  ["status = 'suspended', suspend_level = 'all'", 'an account suspended wholly by hand'],
  ["status = 'closed'", 'an account closed by hand'],
])('%s ends every session and bumps every epoch', async (set) => {
  const heard = await hostsWoken(() => sql.unsafe(`update accounts set ${set} where id = $1`, [account]));
  expect(heard).toEqual(['h1']);
  await expectEnded('account_suspended');
  expect(await epoch()).toBe(2);
});

it('an account shut for new logins only keeps its live sessions', async () => {
  await sql`update accounts set status = 'suspended', suspend_level = 'logins' where id = ${account}`;
  expect((await house.session(door)).ended_at).toBeNull();
  await sql`update accounts set suspend_level = 'all' where id = ${account}`;
  await expectEnded('account_suspended');
});

it('an account deleted by hand ends its sessions, and its hosts still hear the order', async () => {
  await sql`delete from credentials where account_id = ${account}`;
  await sql`delete from accounts where id = ${account}`;
  expect((await house.session(token.id)).ended_at).not.toBeNull();
  const orders = await ordersFor(house.ctx({ kind: 'system' }), 'h1');
  expect(orders.map((order) => order.session_id)).toContain(door);
});

it('an ended session stays ended and its absolute end only comes nearer', async () => {
  await expect(
    sql`update sessions set absolute_at = absolute_at + interval '1 s' where id = ${door}`,
  ).rejects.toThrow('cannot be put off');
  await sql`update sessions set absolute_at = absolute_at - interval '1 s' where id = ${door}`;
  await sql`update sessions set ended_at = now(), end_reason = 'ended' where id = ${token.id}`;
  await expect(sql`update sessions set ended_at = null where id = ${token.id}`).rejects.toThrow('has ended');
  await expect(
    sql`update sessions set ended_at = now() + interval '1 h' where id = ${token.id}`,
  ).rejects.toThrow('has ended');
});

it('an idle clock is never lengthened, and the begin never put off', async () => {
  await expect(sql`update sessions set idle_ms = idle_ms + 1 where id = ${door}`).rejects.toThrow(
    'cannot be put off',
  );
  await sql`update sessions set idle_ms = idle_ms - 1 where id = ${door}`;
  await expect(
    sql`update sessions set opened_at = opened_at + interval '1 h' where id = ${door}`,
  ).rejects.toThrow('cannot be put off');
});

it('a session ended by hand waits for its host, whatever the update says of its door', async () => {
  await sql`update sessions set ended_at = now(), end_reason = 'ended' where id = ${door}`;
  expect((await house.session(door)).door_state).toBe('pending');
});

it('what happened cannot be rewritten', async () => {
  await expect(sql`update audit_events set kind = 'x'`).rejects.toThrow('append-only');
  await expect(sql`delete from audit_events`).rejects.toThrow('append-only');
  await expect(sql`truncate audit_events`).rejects.toThrow('append-only');
});

it('a policy changed by hand has a new version, so that no node goes on with the old one', async () => {
  await house.house.checks.lookup(undefined, undefined);
  await sql`update policy set overrides = '{"throttle.free_failures": 7}'`;
  const { policy } = await house.house.checks.lookup(undefined, undefined);
  expect(policy.throttle.free_failures).toBe(7);
  await sql`update policy set overrides = '{}'`;
});

it('a better hash of the same secret keeps the epoch and every session', async () => {
  const [row] = await sql<
    { id: string; hash: string }[]
  >`select id, hash from credentials where account_id = ${account}`;
  if (row === undefined) throw new Error('no credential');
  const better = { hash: 'better', scheme: 'test' };
  const done = await house.database.drizzle.transaction((tx) => rehash(tx, row.id, row.hash, better));
  expect(done).toBe(true);
  expect(await epoch()).toBe(1);
  expect((await house.session(token.id)).ended_at).toBeNull();
});

it('a better hash loses against a password that was changed meanwhile, and its leave ends with it', async () => {
  const [row] = await sql<
    { id: string; hash: string }[]
  >`select id, hash from credentials where account_id = ${account}`;
  if (row === undefined) throw new Error('no credential');
  const better = { hash: 'better', scheme: 'test' };
  let changed: Promise<unknown> = Promise.resolve();
  const done = await house.database.drizzle.transaction(async (tx) => {
    await sql.begin(async (change) => {
      await change`update credentials set hash = 'changed' where id = ${row.id}`;
      // The rehash now waits for this row's lock.
      changed = rehash(tx, row.id, row.hash, better);
      await new Promise((settle) => setTimeout(settle, 100));
    });
    return changed;
  });
  expect(done).toBe(false);
  const [after] = await sql`select hash, epoch::int from credentials where id = ${row.id}`;
  expect(after).toEqual({ hash: 'changed', epoch: 2 });
  await house.database.drizzle.transaction(async (tx) => {
    await rehash(tx, row.id, 'changed', better);
    await tx.execute("update credentials set hash = 'sly' where account_id = '".concat(account, "'"));
  });
  expect(await epoch()).toBe(3);
});
