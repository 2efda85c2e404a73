/**
 * Promise 15: what was verified a moment ago is checked again where the session opens. Logins race everything that
 * should have stopped them, over many rounds; whoever wins, no session of the old state lives afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { setCredential } from '../../src/actions/credentials.ts';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { openHostSession } from '../../src/actions/open-host-session.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import type { AuthenticateAnswer } from '../../src/protocol/api.ts';
import { admin, agentOf, fitTestHouse, hexHash, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 24 });
afterAll(house.close);
const other = house.node();
const rounds = 8;
value(await changePolicy(house.ctx(admin), { stores: { panel: { standard: { max_sessions: 100 } } } }));

const tokensOf = (answers: readonly AuthenticateAnswer[]) =>
  answers.flatMap((answer) => (answer.decision === 'allow' && answer.session ? [answer.session.token] : []));

async function isLive(token: string): Promise<boolean> {
  const facts = await other.house.checks.lookup(hexHash(token), undefined);
  const response = facts.session;
  return (
    response !== undefined &&
    response.endReason === undefined &&
    !response.cutOff &&
    response.accountOpen &&
    response.credentialCurrent
  );
}

/** Logins on two nodes, spread over the few ms in which `change` runs. */
async function race(login: string, round: number, change: () => Promise<unknown>) {
  const logins = Array.from({ length: 16 }, async (_, i) => {
    await sleep((i * (round % 5)) / 2);
    return (i % 2 ? house : other).guess({ login, store: 'panel' });
  });
  const changed = sleep((round % 10) * 9).then(change);
  const answers = await Promise.all(logins);
  await changed;
  return tokensOf(answers);
}

it('no session survives a suspension that came while it was opened', async () => {
  let opened = 0;
  for (let round = 0; round < rounds; round++) {
    const login = `susp-${round}`;
    const account = await house.account(login, { panel: password });
    await house.guess({ login, store: 'panel', open_session: false });
    const tokens = await race(login, round, async () =>
      value(await changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'all', reason: 'x' })),
    );
    opened += tokens.length;
    for (const token of tokens) expect(await isLive(token)).toBe(false);
    const left = await house.database
      .sql`select id from sessions where account_id = ${account} and ended_at is null`;
    expect(left).toHaveLength(0);
    value(await changeStatus(house.ctx(panel), account, { to: 'active' }));
    for (const token of tokens) expect(await isLive(token)).toBe(false);
  }
  expect(opened).toBeGreaterThan(0);
});

it('no session is opened after its account was shut for new logins; the open ones live on', async () => {
  for (let round = 0; round < rounds; round++) {
    const login = `shut-${round}`;
    const account = await house.account(login, { panel: password });
    await house.guess({ login, store: 'panel', open_session: false });
    const tokens = await race(login, round, async () =>
      value(await changeStatus(house.ctx(panel), account, { to: 'suspended', level: 'logins', reason: 'x' })),
    );
    for (const token of tokens) expect(await isLive(token)).toBe(true);
    const told = await house.database.sql<{ kind: string }[]>`select kind from audit_events
      where account_id = ${account} and kind in ('session.opened', 'account.suspended') order by seq`;
    expect(told.at(-1)?.kind).toBe('account.suspended');
    expect(told).toHaveLength(tokens.length + 1);
  }
});

it('no session survives a password change that came while it was opened', async () => {
  let opened = 0;
  for (let round = 0; round < rounds; round++) {
    const login = `pass-${round}`;
    const account = await house.account(login, { panel: password });
    await house.guess({ login, store: 'panel', open_session: false });
    const change = { login, password: `${password} two` };
    const tokens = await race(login, round, async () =>
      value(await setCredential(house.ctx(panel), account, 'panel', change)),
    );
    opened += tokens.length;
    for (const token of tokens) expect(await isLive(token)).toBe(false);
    const left = await house.database
      .sql`select id from sessions where account_id = ${account} and ended_at is null`;
    expect(left).toHaveLength(0);
  }
  expect(opened).toBeGreaterThan(0);
});

it('every session that was opened before a logoff of its account is dead; those opened after it live', async () => {
  for (let round = 0; round < rounds; round++) {
    const login = `logoff-${round}`;
    const account = await house.account(login, { panel: password });
    await house.guess({ login, store: 'panel', open_session: false });
    await race(login, round, async () =>
      value(
        await endSessions(house.ctx(admin), { select: { account_id: account }, reason: 'x', dry_run: false }),
      ),
    );
    // Both are written under the account's lock: the log has their order.
    const [order] = await house.database.sql<{ seq: number }[]>`select seq::int from audit_events
      where kind = 'sessions.ended' and detail->'select'->>'account_id' = ${account}`;
    const rows = await house.database.sql<{ id: string; ended: boolean; seq: number }[]>`
      select s.id, s.ended_at is not null as ended, e.seq::int from sessions s
        join audit_events e on e.session_id = s.id and e.kind = 'session.opened' where s.account_id = ${account}`;
    for (const row of rows) expect(row.ended).toBe(row.seq < (order?.seq ?? 0));
  }
});

it('no process session outlives a hash or a status that plain SQL changed while it was opened', async () => {
  for (let round = 0; round < rounds; round++) {
    const login = `raw-${round}`;
    const account = await house.account(login, { ssh: password });
    const proof = await house.guess({ login, store: 'ssh', open_session: false });
    if (proof.decision !== 'allow') throw new Error(proof.decision);
    const open = (i: number) =>
      openHostSession((i % 2 ? house : other).ctx(agentOf('h1')), {
        ...{ host: 'h1', store: 'ssh', channel: 'ssh', login, method: 'password', verified: proof.verified },
        process: { pid: 1000 + i, start: '1', boot_id: '00000000-0000-4000-8000-000000000000' },
      });
    const openings = Array.from({ length: 5 }, async (_, i) => {
      await sleep((i * (round % 5)) / 2);
      return open(i);
    });
    const change = sleep((round % 10) * 9).then(() =>
      round % 2
        ? house.database.sql`update credentials set hash = hash || 'x' where account_id = ${account}`
        : house.database.sql`update accounts set status = 'suspended' where id = ${account}`,
    );
    await Promise.all([...openings, change]);
    const left = await house.database
      .sql`select id, door_state from sessions where account_id = ${account} and (ended_at is null or door_state = 'open')`;
    expect(left).toHaveLength(0);
  }
});

it('16 logins at once leave as many sessions as the policy allows, the oldest ended as replaced', async () => {
  value(await changePolicy(house.ctx(admin), { stores: { panel: { standard: { max_sessions: 3 } } } }));
  const account = await house.account('room', { panel: password });
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, i) => (i % 2 ? house : other).guess({ login: 'room', store: 'panel' })),
  );
  expect(tokensOf(answers)).toHaveLength(16);
  const rows = await house.database.sql<{ end_reason: string | null }[]>`
    select end_reason from sessions where account_id = ${account} order by seq desc`;
  expect(rows.map((row) => row.end_reason)).toEqual([...Array(3).fill(null), ...Array(13).fill('replaced')]);
  const ended = (await house.events('session.ended')).filter((event) => event.account_id === account);
  expect(ended).toHaveLength(13);
  expect(ended[0]?.detail).toEqual({ reason: 'replaced', allowed: 3 });
});
