/** Flags as operators work on them: who sees what, resolved once, what follows, what is forgotten. */
import { Webhook } from 'standardwebhooks';
import { afterAll, expect, it } from 'vitest';
import type { Principal } from '../../src/actions/context.ts';
import { deliverWebhooks } from '../../src/actions/deliver-webhooks.ts';
import { flagsListed, readFlag } from '../../src/actions/flags.ts';
import { followFlags } from '../../src/actions/follow-flags.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { resolveFlag } from '../../src/actions/resolve-flag.ts';
import { raiseFlag } from '../../src/actions/steps/raise-flag.ts';
import { measureFlags, sweepResolvedFlags } from '../../src/actions/tend-flags.ts';
import { createWebhook } from '../../src/actions/webhooks.ts';
import type { FlagKind, Suspicion } from '../../src/domain/flag.ts';
import { flagsOpen, flagsResolved } from '../../src/metrics.ts';
import { flagQuery } from '../../src/protocol/flags.ts';
import { putEffects } from '../../src/store/account-effects.ts';
import { admin, fitTestHouse, home, panel, type TestNode, value } from '../support/house.ts';
import { receiver } from '../support/receiver.ts';

const house = await fitTestHouse({ pool: 20, courier: { allow: ['127.0.0.0/8'], patienceMs: 2000 } });
const endpoint = await receiver();
afterAll(async () => {
  await endpoint.close();
  await house.close();
});

const { sql } = house.database;
const stranger = '192.0.2.77';
const words = 'Your mailbox is full: answer with your password';
const operator = (role: 'support' | 'auditor'): Principal => ({
  kind: 'operator',
  operator: { id: `opr_${role}`, login: role, role },
});
const gateway: Principal = {
  kind: 'client',
  client: { id: 'cli_mx', name: 'mx', scopes: ['messages'], host: null },
};
const day = 86_400_000;
let count = 0;

async function raised(said: Partial<Suspicion> = {}, node: TestNode = house) {
  count += 1;
  const suspicion: Suspicion = {
    ...{ kind: 'message', same: [`campaign ${count}`], score: 0.9 },
    ...{ summary: 'A message asks for a password.', evidence: { signals: ['asks-for-secret'] } },
    ...said,
  };
  const ctx = node.ctx({ kind: 'system' });
  const flag = await ctx.act(async (tx) => {
    const made = await raiseFlag(tx, ctx, suspicion);
    if (made === undefined) throw new Error('it rests');
    return { value: made.flag, events: made.events };
  });
  return flag;
}

/** A judged message as a scan keeps it. */
async function message(flagId: string | null, accountId: string | null, text = words) {
  count += 1;
  const at = new Date(house.now()).toISOString();
  await sql`insert into messages (id, at, medium, direction, origin, account_id, sender_domain, verdict, score, solicited,
      flagged, flag_id, features, redacted, expires_at)
    values (${`msg_${count}`}, ${at}, 'email', 'inbound', 'scan', ${accountId}, 'evil.example', 'password_request', 0.9,
      false, ${flagId !== null}, ${flagId}, '{}'::jsonb, ${text}, ${new Date(house.now() + 30 * day).toISOString()})`;
}

/** The customer told of it. */
async function told(flagId: string, accountId: string, answered = false) {
  count += 1;
  const until = new Date(house.now() + 30 * day).toISOString();
  await sql`insert into reports (id, account_id, flag_id, medium, verdict, answered, created_at, expires_at)
    values (${`rep_${count}`}, ${accountId}, ${flagId}, 'email', 'password_request', ${answered},
      ${new Date(house.now()).toISOString()}, ${until})`;
}
const follow = (node: TestNode = house) => followFlags(node.ctx({ kind: 'system' }));

const resolve = (
  id: string,
  state: 'confirmed' | 'dismissed',
  principal: Principal = admin,
  node: TestNode = house,
) => resolveFlag(node.ctx(principal), id, { state, note: `seen: ${words}` });
const detail = async (id: string, principal: Principal = admin) =>
  value(await readFlag(house.ctx(principal), id));
const listed = async (query: Record<string, unknown>, principal: Principal = admin) =>
  value(await flagsListed(house.ctx(principal), flagQuery.parse(query)));
const refused = (outcome: { ok: boolean }) =>
  outcome.ok ? undefined : (outcome as { refusal?: { refused: string } }).refusal?.refused;
const effects = () =>
  sql`select account_id, pattern, effect, flag_id from account_effects order by account_id`;
const from = async (login: string, source_ip: string) =>
  (await house.guess({ login, source_ip, open_session: false })).decision;

/** An account that came in from home, and stays known there. */
async function settled(login: string): Promise<string> {
  const id = await house.account(login);
  expect(await from(login, home)).toBe('allow');
  return id;
}

it('sixteen at once on two nodes: one resolves it, fifteen hear of a conflict, and it is told once', async () => {
  const flag = await raised({ kind: 'reset_flood' });
  const nodes = [house, house.node()];
  const before = await flagsResolved.get();
  const outcomes = await Promise.all(
    Array.from({ length: 16 }, (_, n) =>
      resolve(flag.id, n % 2 ? 'confirmed' : 'dismissed', admin, nodes[n % 2] as TestNode),
    ),
  );
  const won = outcomes.filter((each) => each.ok);
  expect(won).toHaveLength(1);
  expect(outcomes.map(refused).filter((each) => each === 'flag_resolved')).toHaveLength(15);
  const state = won[0]?.ok ? won[0].value.state : undefined;
  const { history, ...after } = await detail(flag.id);
  expect(after).toMatchObject({ state, resolved_by: 'opr_admin', note: `seen: ${words}` });
  expect(history.map(({ what }) => what)).toEqual(['raised', state]);
  expect(await house.events('flag.resolved')).toMatchObject([
    { actor_id: 'opr_admin', detail: { flag: flag.id, kind: 'reset_flood', state } },
  ]);
  const sum = ({ values }: typeof before) => values.reduce((total, each) => total + each.value, 0);
  expect(sum(await flagsResolved.get()) - sum(before)).toBe(1);
  expect(await resolve(flag.id, 'confirmed').then(refused)).toBe('flag_resolved');
  expect(await resolve('flg_nothing', 'confirmed').then(refused)).toBe('not_found');
});

it('who may: every operator looks, admin and support resolve; a gateway sees flags of messages, without texts', async () => {
  const owner = await house.account('watched');
  const spray = await raised({ kind: 'password_spray', source: '192.0.2.0/24' });
  const flag = await raised({ evidence: { text: words } });
  await message(flag.id, owner);
  for (const principal of [admin, operator('support'), operator('auditor')]) {
    expect((await listed({ state: 'open' }, principal)).items.map(({ id }) => id)).toEqual([
      flag.id,
      spray.id,
    ]);
    expect((await detail(flag.id, principal)).messages).toMatchObject([{ text: words, account_id: owner }]);
  }
  expect(await resolve(flag.id, 'confirmed', operator('auditor')).then(refused)).toBe('not_allowed');
  expect(await resolve(flag.id, 'confirmed', gateway).then(refused)).toBe('not_allowed');
  expect(await resolve(flag.id, 'dismissed', operator('support'))).toMatchObject({ ok: true });

  expect((await listed({}, gateway)).items.map(({ kind }) => kind as FlagKind)).toEqual(['message']);
  const seen = await detail(flag.id, gateway);
  expect(seen).toMatchObject({ state: 'dismissed', note: null, messages: [{ text: null }] });
  expect(JSON.stringify(seen)).not.toContain(words);
  expect(refused(await readFlag(house.ctx(gateway), spray.id))).toBe('not_found');
  const wanted = flagQuery.parse({ kind: 'password_spray' });
  expect(refused(await flagsListed(house.ctx(gateway), wanted))).toBe('not_allowed');

  const customer: Principal = { kind: 'visitor' };
  for (const principal of [panel, customer]) {
    expect(refused(await flagsListed(house.ctx(principal), flagQuery.parse({})))).toBe('not_allowed');
    expect(refused(await readFlag(house.ctx(principal), flag.id))).toBe('not_allowed');
    expect(await resolve(spray.id, 'dismissed', principal).then(refused)).toBe('not_allowed');
  }
  value(await resolve(spray.id, 'confirmed'));
});

it('whoever asked a customer for a password does not put the flag about it away: another administrator does', async () => {
  const mine = await house.operator('admin');
  const [row] = await sql`update operators set email = 'Eva@host.test' where id = ${mine.id} returning login`;
  const me: Principal = {
    kind: 'operator',
    operator: { id: mine.id, login: String(row?.login), role: 'admin' },
  };
  for (const by of ['eva@HOST.test', mine.id, `${row?.login}@host.test`]) {
    const flag = await raised({ kind: 'staff_request', same: [by], evidence: { by } });
    for (const principal of [me, operator('support')]) {
      expect(await resolve(flag.id, 'dismissed', principal).then(refused)).toBe('not_allowed');
    }
    expect(await detail(flag.id)).toMatchObject({ state: 'open', history: [{ what: 'raised' }] });
    expect(await resolve(flag.id, 'confirmed', admin)).toMatchObject({ ok: true });
  }
  const other = await raised({ kind: 'staff_request', evidence: { by: 'otto@host.test' } });
  expect(await resolve(other.id, 'dismissed', me)).toMatchObject({ ok: true });
});

it('a list goes on where it ended, and filters by state, kind and account', async () => {
  const mine = await house.account('listed');
  const flags = [];
  for (let n = 0; n < 5; n++) flags.push(await raised({ kind: 'reset_flood', accountId: mine }));
  const page = await listed({ account_id: mine, limit: '2' });
  expect(page.items.map(({ id }) => id)).toEqual([flags[4]?.id, flags[3]?.id]);
  const rest = await listed({ account_id: mine, limit: '3', cursor: page.next_cursor });
  expect(rest).toMatchObject({ items: [{ id: flags[2]?.id }, {}, { id: flags[0]?.id }], next_cursor: null });
  expect((await listed({ account_id: mine, kind: 'message' })).items).toEqual([]);
  expect((await listed({ account_id: mine, state: 'dismissed' })).items).toEqual([]);
  const strange = flagQuery.parse({ cursor: 'bm90IGEgcGxhY2U' });
  expect(refused(await flagsListed(house.ctx(admin), strange))).toBe('invalid_field');
});

it('a campaign over two accounts is nobody’s alone: found by either, and not gone with one of them', async () => {
  const [one, two] = [await house.account('one'), await house.account('two')];
  const same = ['the same letter'];
  const flag = await raised({ same, accountId: one });
  await message(flag.id, one);
  expect(await detail(flag.id)).toMatchObject({ account_id: one });
  expect(await raised({ same, accountId: one })).toMatchObject({ id: flag.id, accountId: one });
  await raised({ same, accountId: two });
  await message(flag.id, two);
  await raised({ same, accountId: one });
  expect(await detail(flag.id)).toMatchObject({
    ...{ account_id: null, count: 4, messages_total: 2, accounts_total: 2 },
  });
  for (const account_id of [one, two]) {
    expect((await listed({ account_id })).items.map(({ id }) => id)).toEqual([flag.id]);
  }
  const seen = await house.events('flag.seen');
  expect(seen.slice(-3).map(({ account_id }) => account_id)).toEqual([one, two, one]);
  await sql`delete from credentials where account_id = ${one}`;
  await sql`delete from accounts where id = ${one}`;
  expect(await detail(flag.id)).toMatchObject({ state: 'open', accounts_total: 1 });
  value(await resolve(flag.id, 'dismissed'));
});

it('a confirmed message keeps strangers out of the accounts that told of it, for a while, and nobody else', async () => {
  const [bella, carl, other] = [await settled('bella'), await settled('carl'), await settled('other')];
  const flag = await raised({ accountId: bella });
  for (const id of [bella, carl, bella, other]) await message(flag.id, id);
  await told(flag.id, bella);
  await told(flag.id, carl, true);
  await told(flag.id, carl);
  expect(await from('bella', stranger)).toBe('allow');
  house.pass(31 * day);
  for (const login of ['bella', 'carl', 'other']) expect(await from(login, home)).toBe('allow');
  value(await resolve(flag.id, 'confirmed'));
  expect(await effects()).toEqual([]);
  await follow();
  expect(await detail(flag.id, gateway)).toMatchObject({ effects: [], reports: [], near: [] });
  expect(await effects()).toMatchObject(
    [bella, carl].sort().map((account_id) => ({
      ...{ account_id, pattern: 'message', effect: 'second_factor', flag_id: flag.id },
    })),
  );
  const after = await detail(flag.id);
  expect(after.effects.map(({ account_id }) => account_id).sort()).toEqual([bella, carl].sort());
  expect(after.history.map(({ what }) => what)).toEqual(['raised', 'confirmed', 'second_factor']);
  expect(await house.events('account.at_risk')).toHaveLength(2);
  expect(await from('bella', stranger)).toBe('deny');
  expect(await from('carl', stranger)).toBe('deny');
  expect(await from('other', stranger)).toBe('allow');
  expect(await from('bella', home)).toBe('allow');
  house.pass(day + 1);
  expect(await from('bella', '192.0.2.200')).toBe('allow');
  expect(await detail(flag.id)).toMatchObject({ effects: [] });
});

it('RACE: a campaign that many told of is resolved at once, waits for no account, and reaches each of them once', async () => {
  const many = 250;
  const flag = await raised();
  await sql`insert into accounts (id, login, status, created_at, updated_at)
    select 'acc_many' || n, 'many' || n, 'active', now(), now() from generate_series(1, ${many}::int) n`;
  await sql`insert into reports (id, account_id, flag_id, medium, verdict, answered, created_at, expires_at)
    select 'rep_many' || n || copy, 'acc_many' || n, ${flag.id}, 'email', 'password_request', false, now(), now() + interval '1 day'
      from generate_series(1, ${many}::int) n, generate_series(1, 2) copy`;
  const before = (await house.events('account.at_risk')).length;
  const nodes = [house, house.node()];
  const node = (n: number) => nodes[n % 2] as TestNode;
  await sql.begin(async (tx) => {
    // As a login holds it.
    await tx`select 1 from accounts where id = 'acc_many77' for update`;
    const won = await Promise.all(
      Array.from({ length: 16 }, (_, n) => resolve(flag.id, 'confirmed', admin, node(n))),
    );
    expect(won.filter((each) => each.ok)).toHaveLength(1);
  });
  await Promise.all(Array.from({ length: 16 }, (_, n) => follow(node(n))));
  const rows = await sql`select account_id from account_effects where flag_id = ${flag.id}`;
  expect(new Set(rows.map(({ account_id }) => account_id)).size).toBe(many);
  expect((await house.events('account.at_risk')).length - before).toBe(many);
  const { history } = await detail(flag.id);
  const bites = history
    .filter(({ what }) => what === 'second_factor')
    .map(({ detail: said }) => said?.accounts);
  expect(bites).toEqual([100, 100, 50]);
  expect(await sql`select 1 from flags where follow_from is not null`).toEqual([]);
});

it('nothing follows from a dismissed message, nor where the policy wants nothing', async () => {
  const dora = await settled('dora');
  const [dismissed, unwanted] = [await raised({ accountId: dora }), await raised({ accountId: dora })];
  value(await resolve(dismissed.id, 'dismissed'));
  value(await changePolicy(house.ctx(admin), { flags: { risk_seconds: 0 } }));
  for (const { id } of [dismissed, unwanted]) await told(id, dora);
  value(await resolve(unwanted.id, 'confirmed'));
  await follow();
  expect(await sql`select 1 from flags where follow_from is not null`).toEqual([]);
  value(await changePolicy(house.ctx(admin), { flags: null }));
  expect(await sql`select 1 from account_effects where account_id = ${dora}`).toEqual([]);
});

it('a dismissal ends what the flag put in force at once, also what is put in force afterwards', async () => {
  const emil = await settled('emil');
  const flag = await raised({ kind: 'prompt_bombing', accountId: emil });
  const lock = () =>
    house.ctx({ kind: 'system' }).touch((tx) =>
      putEffects(tx, [
        {
          ...{ accountId: emil, pattern: 'prompt_bombing', effect: 'lock', flagId: flag.id },
          ...{ seenAt: new Date(house.now()), expiresAt: new Date(house.now() + day) },
        },
      ]),
    );
  await lock();
  expect(await from('emil', stranger)).toBe('deny');
  expect(await detail(flag.id)).toMatchObject({ effects: [{ account_id: emil, effect: 'lock' }] });
  value(await resolve(flag.id, 'dismissed', operator('support')));
  expect(await from('emil', stranger)).toBe('allow');
  await lock();
  expect(await from('emil', '192.0.2.78')).toBe('allow');
  expect(await detail(flag.id)).toMatchObject({ effects: [] });

  // Forgotten before its effect is over, nothing would say that it was dismissed.
  await sql`update account_effects set expires_at = ${new Date(house.now() + 200 * day).toISOString()}`;
  house.pass(100 * day);
  await sql`update account_effects set seen_at = ${new Date(house.now()).toISOString()}`;
  await sweepResolvedFlags(house.ctx({ kind: 'system' }));
  expect(await detail(flag.id)).toMatchObject({ state: 'dismissed' });
  expect(await from('emil', '192.0.2.79')).toBe('allow');
});

it('resolved flags are forgotten after the days that the policy says, with their history; open ones never', async () => {
  const system = () => house.ctx({ kind: 'system' });
  const [open, resolved] = [await raised(), await raised()];
  await message(resolved.id, null);
  value(await resolve(resolved.id, 'confirmed'));
  const there = async () => (await sql`select id from flags where id in (${open.id}, ${resolved.id})`).length;
  house.pass(89 * day);
  await sweepResolvedFlags(system());
  expect(await there()).toBe(2);
  value(await changePolicy(house.ctx(admin), { flags: { keep_days: 88 } }));
  await sweepResolvedFlags(system());
  expect(await there()).toBe(1);
  expect(await sql`select 1 from flag_events where flag_id = ${resolved.id}`).toEqual([]);
  house.pass(1000 * day);
  await sweepResolvedFlags(system());
  expect(await detail(open.id)).toMatchObject({ state: 'open' });
  await measureFlags(system());
  const { values } = await flagsOpen.get();
  const [rows] = await sql`select count(*)::int as open from flags where state = 'open' and kind = 'message'`;
  expect(values.find(({ labels }) => labels.kind === 'message')?.value).toBe(rows?.open);
  expect(values.find(({ labels }) => labels.kind === 'staff_request')?.value).toBe(0);
});

it('the webhook flag.resolved leaves, signed, and says nothing of the message nor of the note', async () => {
  const url = `http://127.0.0.1:${endpoint.port}/in`;
  const hook = value(await createWebhook(house.ctx(admin), { url, events: ['flag.resolved'] }));
  const fay = await house.account('fay');
  const flag = await raised({ accountId: fay, evidence: { quote: words }, summary: 'It asks.' });
  await message(flag.id, fay);
  value(await resolve(flag.id, 'confirmed'));
  await deliverWebhooks(() => house.ctx({ kind: 'system' }));
  await house.house.courier.lanes.idle();
  expect(endpoint.got).toHaveLength(1);
  const { body, headers } = endpoint.got[0] ?? { body: '', headers: {} as Record<string, string> };
  expect(JSON.parse(body)).toEqual({
    type: 'flag.resolved',
    timestamp: new Date(house.now()).toISOString(),
    data: {
      event_id: headers['webhook-id'],
      account_id: fay,
      actor: { kind: 'operator', id: 'opr_admin' },
      ...{ flag: flag.id, kind: 'message', state: 'confirmed' },
    },
  });
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  const signature = new Webhook(hook.secret).sign(headers['webhook-id'] ?? '', at, body);
  expect(headers['webhook-signature']).toBe(signature);
  expect(body).not.toMatch(/mailbox|password|seen/);
});
