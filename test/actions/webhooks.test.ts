/** The outbox of webhooks before real receivers: told in the transaction, once at a time, until it is taken or given up. */

import { Webhook } from 'standardwebhooks';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { unchanged } from '../../src/actions/context.ts';
import { deliverWebhooks, sweepWebhooks } from '../../src/actions/deliver-webhooks.ts';
import { revokeClient } from '../../src/actions/principals.ts';
import { replayFrom, replayOne, testWebhook } from '../../src/actions/webhook-deliveries.ts';
import { changeWebhook, createWebhook, removeWebhook } from '../../src/actions/webhooks.ts';
import { log } from '../../src/log.ts';
import { signedHeaders } from '../../src/outbound/signed.ts';
import { claimDelivery } from '../../src/store/webhook-deliveries.ts';
import { admin, fitTestHouse, type TestNode, value } from '../support/house.ts';
import { type Got, receiver } from '../support/receiver.ts';

const house = await fitTestHouse({ pool: 20, courier: { allow: ['127.0.0.0/8'], patienceMs: 2000 } });
const [first, second] = [await receiver(), await receiver()];
afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  await house.close();
});

log.level = 'silent';
const { sql } = house.database;
const alice = await house.account('alice');
const ctx = (principal = admin, node: TestNode = house) => node.ctx(principal);
const urlOf = ({ port }: { port: number }) => `http://127.0.0.1:${port}/in`;
const hook = async (to = first, events: string[] = ['account.suspended'], as = admin) =>
  value(await createWebhook(ctx(as), { url: urlOf(to), events: events as ['*'] }));
/** Two events of alice's account: one of each name. */
const happen = async () => {
  value(await changeStatus(ctx(), alice, { to: 'suspended', level: 'logins', reason: 'unpaid' }));
  value(await changeStatus(ctx(), alice, { to: 'active' }));
};
const rows = () => sql`select * from webhook_deliveries order by event_seq, webhook_id`;
const webhookRow = async (id: string) => (await sql`select * from webhooks where id = ${id}`)[0];

/** As the job does it, on this node, until nothing is under way. */
async function deliver(node: TestNode = house): Promise<void> {
  await deliverWebhooks(() => node.ctx({ kind: 'system' }));
  await node.house.courier.lanes.idle();
}
const verified = ({ headers, body }: Got, secret: string) => {
  // The clock of the tests stands still in the past: the signature alone is judged.
  const id = headers['webhook-id'] ?? '';
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  return (headers['webhook-signature'] ?? '').split(' ').includes(new Webhook(secret).sign(id, at, body));
};

beforeEach(async () => {
  await sql`delete from webhooks`;
  await sql`delete from operator_notices`;
  for (const each of [first, second]) {
    each.answerWith();
    each.got.length = 0;
  }
});

it('signs as Standard Webhooks say: the example of the specification', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const at = new Date(1_614_265_330_000);
  expect(signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', at, '{"test": 2432232314}', [secret])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('an event goes to whoever listens to it, signed, once, and nothing of the secret is kept', async () => {
  const { id, secret } = await hook();
  const all = await hook(second, ['*']);
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const kept = JSON.stringify([await sql`select * from webhooks`, await house.events()]);
  expect(kept).not.toContain(secret.slice(6));
  expect(String((await webhookRow(id))?.secret)).not.toContain(secret.slice(6));
  await happen();
  await deliver();
  await deliver();
  expect(first.got).toHaveLength(1);
  expect(second.got).toHaveLength(2);
  const [got] = first.got as [Got];
  expect(JSON.parse(got.body)).toMatchObject({
    type: 'account.suspended',
    data: {
      account_id: alice,
      actor: { kind: 'operator', id: 'opr_admin' },
      reason: 'unpaid',
      level: 'logins',
    },
  });
  expect(got.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Gatehouse' });
  expect([verified(got, secret), verified(got, all.secret)]).toEqual([true, false]);
  const [event] =
    await sql`select id from audit_events where kind = 'account.suspended' order by seq desc limit 1`;
  expect(got.headers['webhook-id']).toBe(event?.id);
  expect(JSON.stringify([first.got, second.got])).not.toContain('whsec_');
  expect(await rows()).toMatchObject([{ attempts: 1 }, { attempts: 1 }, { attempts: 1, last_status: 204 }]);
});

it('what was undone was never told; and without webhooks nothing is written', async () => {
  await happen();
  expect(await rows()).toEqual([]);
  await hook();
  await ctx().act(async (tx) => {
    await tx.execute('select 1');
    return unchanged(undefined);
  });
  await expect(
    ctx().act(async () => {
      throw new Error('a fault after all');
    }),
  ).rejects.toThrow('a fault');
  expect(await rows()).toEqual([]);
});

it('sixteen drainers on four nodes at once: each delivery is sent once, and never by two at a time', async () => {
  const { id } = await hook(first, ['account.suspended', 'account.resumed']);
  for (let n = 0; n < 15; n++) await happen();
  let now = 0;
  const under = new Set<string>();
  first.answerWith((got, response) => {
    const message = got.headers['webhook-id'] ?? '';
    if (under.has(message)) now += 1;
    under.add(message);
    setTimeout(() => {
      under.delete(message);
      response.writeHead(204).end();
    }, 5);
  });
  const nodes = [house, house.node(), house.node(), house.node()];
  await Promise.all(Array.from({ length: 16 }, (_, n) => deliver(nodes[n % 4])));
  const ids = first.got.map(({ headers }) => headers['webhook-id']);
  expect([ids.length, new Set(ids).size, now]).toEqual([30, 30, 0]);
  expect((await rows()).every((row) => row.attempts === 1 && row.webhook_id === id)).toBe(true);
});

it('sixty-four claims at once for sixteen deliveries: none is had twice', async () => {
  const { id } = await hook(first, ['account.suspended']);
  for (let n = 0; n < 16; n++) await happen();
  const claims = await Promise.all(
    Array.from({ length: 64 }, () => {
      const each = ctx();
      return each.touch((tx) => claimDelivery(tx, id, each.now, 60_000));
    }),
  );
  const had = claims.filter((each) => each !== undefined).map(({ eventId }) => eventId);
  expect(new Set(had).size).toBe(had.length);
  expect(had.length).toBeGreaterThan(0);
});

it('a node that dies with a delivery in hand: another one delivers it, once the lease is over', async () => {
  const { id } = await hook();
  await happen();
  const dead = ctx();
  expect(await dead.touch((tx) => claimDelivery(tx, id, dead.now, 60_000))).toBeDefined();
  await deliver();
  expect(first.got).toEqual([]);
  house.pass(61_000);
  await deliver(house.node());
  expect(first.got).toHaveLength(1);
  expect(await rows()).toMatchObject([{ attempts: 2, last_status: 204 }]);
});

it('is tried again with growing gaps, the same bytes under the same id, and given up after a day, which is said', async () => {
  await hook();
  await happen();
  first.answerWith(503);
  let tries = 0;
  for (; (await rows())[0]?.failed_at === null; tries++) {
    await deliver();
    expect(first.got).toHaveLength(tries + 1);
    await deliver();
    expect(first.got).toHaveLength(tries + 1);
    const [row] = await rows();
    house.pass(Math.max(0, Date.parse(`${row?.due_at}`) - house.now()));
  }
  expect(tries).toBeGreaterThan(10);
  expect(tries).toBeLessThan(25);
  expect(new Set(first.got.map(({ body }) => body)).size).toBe(1);
  expect(new Set(first.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(new Set(first.got.map(({ headers }) => headers['webhook-signature'])).size).toBe(tries);
  expect(await rows()).toMatchObject([{ last_status: 503, attempts: tries, delivered_at: null }]);
  const said = await house.events('webhook.given_up');
  expect(said.at(-1)).toMatchObject({ actor_kind: 'system', detail: { lastStatus: 503, attempts: tries } });
});

it('an endpoint that is gone (410) is disabled at once, by any number of answers, and the staff is told once', async () => {
  const { id } = await hook(first, ['account.suspended', 'account.resumed']);
  for (let n = 0; n < 8; n++) await happen();
  first.answerWith(410);
  const before = (await house.events('webhook.disabled')).length;
  await Promise.all([deliver(), deliver(house.node()), deliver(house.node())]);
  expect(await webhookRow(id)).toMatchObject({ disabled_because: 'gone' });
  expect(await house.events('webhook.disabled')).toHaveLength(before + 1);
  expect(await sql`select about, ref, kind from operator_notices`).toEqual([
    { about: 'webhook', ref: id, kind: 'gone' },
  ]);
  const heard = first.got.length;
  await happen();
  await deliver();
  expect(first.got).toHaveLength(heard);
});

it('an endpoint through which nothing gets for three days is disabled; one good answer in between starts anew', async () => {
  const { id } = await hook();
  const day = 86_400_000;
  const fail = async () => {
    first.answerWith(500);
    await happen();
    await deliver();
  };
  await fail();
  house.pass(2 * day);
  await fail();
  first.answerWith();
  await happen();
  await deliver();
  expect(await webhookRow(id)).toMatchObject({ failing_since: null, disabled_at: null });
  await fail();
  house.pass(2 * day);
  await fail();
  expect(await webhookRow(id)).toMatchObject({ disabled_at: null });
  house.pass(day);
  await fail();
  expect(await webhookRow(id)).toMatchObject({ disabled_because: 'failing' });
  value(await changeWebhook(ctx(), id, { enabled: true }));
  expect(await webhookRow(id)).toMatchObject({ disabled_at: null, failing_since: null });
});

it('ATTACK: an endpoint that keeps us waiting with a thousand deliveries holds nobody else up', async () => {
  const slow = await hook(second, ['account.suspended']);
  await hook(first, ['account.resumed']);
  second.answerWith(() => {});
  for (let n = 0; n < 3; n++) await happen();
  await sql`insert into webhook_deliveries (webhook_id, event_id, event_seq, event, queued_at, due_at)
    select webhook_id, event_id || n, event_seq, event, queued_at, due_at
      from webhook_deliveries, generate_series(1, 333) n where webhook_id = ${slow.id}`;
  await deliverWebhooks(() => ctx());
  await expect.poll(() => first.got.length, { timeout: 1500 }).toBe(3);
  expect(house.house.courier.lanes.busy(slow.id)).toBeLessThanOrEqual(4);
  // It fails from here on, and fails alone: one lane.
  await sql`update webhook_deliveries set due_at = 'infinity' where webhook_id = ${slow.id} and leased_until is null`;
  await house.house.courier.lanes.idle();
  await sql`update webhook_deliveries set due_at = queued_at where webhook_id = ${slow.id}`;
  await deliverWebhooks(() => ctx());
  expect(house.house.courier.lanes.busy(slow.id)).toBe(1);
  await sql`delete from webhooks`;
  await house.house.courier.lanes.idle();
}, 20_000);

it('ATTACK: a client sees and changes its own webhooks only, and they end with its key', async () => {
  const [one, other] = [await house.client(['webhooks']), await house.client(['webhooks'])];
  const as = (made: { id: string }) =>
    ({ kind: 'client', client: { id: made.id, name: 'x', scopes: ['webhooks'], host: null } }) as const;
  const mine = await hook(first, ['*'], as(one) as unknown as typeof admin);
  const no = { ok: false, refusal: { refused: 'not_found' } };
  const intruder = house.ctx(as(other));
  expect(await changeWebhook(intruder, mine.id, { url: urlOf(second) })).toMatchObject(no);
  expect(await removeWebhook(intruder, mine.id)).toMatchObject(no);
  expect(await testWebhook(intruder, mine.id)).toMatchObject(no);
  expect(await replayFrom(intruder, mine.id, new Date(0))).toMatchObject(no);
  expect(await replayOne(intruder, mine.id, 'evt_x')).toMatchObject(no);
  const [{ name } = { name: '' }] = await sql<
    { name: string }[]
  >`select name from clients where id = ${one.id}`;
  value(await revokeClient(house.ctx({ kind: 'console', user: 'root' }), name));
  expect(await webhookRow(mine.id)).toMatchObject({ disabled_because: 'client_revoked' });
});

it('test: one endpoint hears it, whatever it listens to', async () => {
  const { id } = await hook(first, ['policy.changed']);
  await hook(second, ['*']);
  const queued = value(await testWebhook(ctx(), id));
  expect(queued).toMatchObject({ event: 'webhook.test', state: 'pending', attempts: 0 });
  await deliver();
  expect(second.got).toEqual([]);
  expect(first.got.map(({ body }) => JSON.parse(body).type)).toEqual(['webhook.test']);
  value(await changeWebhook(ctx(), id, { enabled: false }));
  expect(await testWebhook(ctx(), id)).toMatchObject({ refusal: { refused: 'webhook_disabled' } });
});

it('a new secret signs beside the old one until that one’s time is over', async () => {
  const made = await hook();
  const next = value(await changeWebhook(ctx(), made.id, { rotate_secret: true, overlap_seconds: 3600 }));
  expect(next.secret).not.toBe(made.secret);
  await happen();
  await deliver();
  house.pass(3_600_001);
  await happen();
  await deliver();
  const [during, after] = first.got as [Got, Got];
  const signed = (got: Got) => [made.secret, next.secret ?? ''].map((secret) => verified(got, secret));
  expect([signed(during), signed(after)]).toEqual([
    [true, true],
    [false, true],
  ]);
  await sweepWebhooks(ctx());
  expect(await webhookRow(made.id)).toMatchObject({ previous_secret: null });
  value(await changeWebhook(ctx(), made.id, { rotate_secret: true, overlap_seconds: 0 }));
  expect(await webhookRow(made.id)).toMatchObject({ previous_secret: null });
});

it('replays one under its id, and all since a moment, also what nobody was told at the time', async () => {
  const { id } = await hook();
  house.pass(1000);
  const since = new Date(house.now());
  await happen();
  await deliver();
  const message = first.got[0]?.headers['webhook-id'] ?? '';
  expect(value(await replayOne(ctx(), id, message))).toMatchObject({ state: 'pending', attempts: 0 });
  await deliver();
  expect(first.got.map(({ headers }) => headers['webhook-id'])).toEqual([message, message]);
  expect(await replayOne(ctx(), id, 'evt_nothing')).toMatchObject({ refusal: { refused: 'not_found' } });
  value(await changeWebhook(ctx(), id, { enabled: false }));
  house.pass(1000);
  await happen();
  value(await changeWebhook(ctx(), id, { enabled: true }));
  expect(value(await replayFrom(ctx(), id, since))).toEqual({ queued: 2, next_since: null });
  await deliver();
  expect(first.got).toHaveLength(4);
  expect(new Set(first.got.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
});

it('ATTACK: a replay never makes two senders of one delivery', async () => {
  const { id } = await hook();
  await happen();
  const under = new Set<string>();
  let twice = 0;
  first.answerWith(({ headers }, response) => {
    const one = headers['webhook-id'] ?? '';
    if (under.has(one)) twice += 1;
    under.add(one);
    setTimeout(() => {
      under.delete(one);
      response.writeHead(500).end();
    }, 100);
  });
  const message = String((await rows())[0]?.event_id);
  const nodes = [house, house.node()];
  const turn = async (_: unknown, n: number) => {
    await replayOne(ctx(), id, message);
    await replayFrom(ctx(), id, new Date(house.now()));
    await deliver(nodes[n % 2]);
  };
  for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 16 }, turn));
  expect(twice).toBe(0);
  expect(first.got.filter(({ headers }) => headers['webhook-id'] === message).length).toBeGreaterThan(2);
});

it('forgets deliveries after a month', async () => {
  await hook();
  await happen();
  await deliver();
  house.pass(29 * 86_400_000);
  await sweepWebhooks(ctx());
  expect(await rows()).toHaveLength(1);
  house.pass(2 * 86_400_000);
  await sweepWebhooks(ctx());
  expect(await rows()).toEqual([]);
});

it('fifty made at once stay within the limit', async () => {
  for (let n = 0; n < 80; n++) {
    await sql`insert into webhooks (id, url, events, secret, created_by, created_at)
      values (${`whk_${n}`}, 'https://x.test/', '{*}', '\\x00', 'x', now())`;
  }
  const made = await Promise.all(
    Array.from({ length: 50 }, () => createWebhook(ctx(), { url: urlOf(first), events: ['*'] })),
  );
  expect(made.filter(({ ok }) => ok)).toHaveLength(20);
  expect(await sql`select count(*)::int from webhooks`).toEqual([{ count: 100 }]);
});

it('an operator’s repeated POST shows the same secret again, which is kept sealed', async () => {
  const { token } = await house.operator('admin');
  const body = { url: urlOf(first), events: ['*'] };
  const ask = async () => {
    const headers = { 'idempotency-key': 'once' };
    const response = await house.request('POST', '/v1/webhooks', { token, body, headers });
    return [response.status, await response.json()] as [number, { id: string; secret: string }];
  };
  const [one, two] = [await ask(), await ask()];
  expect(one[0]).toBe(201);
  expect(two).toEqual(one);
  const kept = await sql<{ body: string }[]>`select body from idempotency`;
  expect(JSON.stringify(kept)).not.toContain(one[1].secret.slice(6));
  expect(Buffer.from(kept[0]?.body ?? '', 'base64').toString()).not.toContain(one[1].secret.slice(6));
});
