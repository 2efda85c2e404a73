/** What a stranger gets out of asking at a door in clear text, and what opens it beside the password. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { factorAfterKey } from '../../src/actions/factor-after-key.ts';
import { judgeAccount } from '../../src/actions/judge-account.ts';
import { lookAtDoor } from '../../src/actions/look-at-door.ts';
import { openHostSession } from '../../src/actions/open-host-session.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { OnceIn } from '../../src/actions/steps/once-in.ts';
import { attributes, send } from '../hooks/support/callers.ts';
import { admin, agentOf, fitTestHouse, opened, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
let account = '';
const near = { source_ip: '127.0.0.1' };
const asked = { host: 'h1', store: 'ssh', channel: 'telnet', ...near } as const;
const process = { pid: 5, start: '5', boot_id: '00000000-0000-4000-8000-000000000000' };
const open = (allowed: boolean) =>
  changePolicy(house.ctx(admin), { channels: { telnet: { allowed } } }).then(value);

beforeAll(async () => {
  account = await house.account('anna', { ssh: password, panel: password });
});

it('ATTACK: asking at a shut door looks nobody up, and fills no audit log, also by many at once', async () => {
  const agent = house.ctx(agentOf('h1'));
  const knock = async (login: string, host = 'h1') =>
    value(await lookAtDoor(house.ctx(agentOf(host)), { ...asked, host, login }));
  const names = ['anna', 'nobody-of-that-name', '<script>alert(1)</script>', 'ALERT: call +1 555'];
  const answers = await Promise.all(Array.from({ length: 32 }, (_, i) => knock(names[i % 4] ?? '')));
  expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(answers[0]).toMatchObject({ open: false });
  expect(await house.events('login.refused')).toMatchObject([
    {
      account_id: null,
      source: '127.0.0.1',
      detail: { host: 'h1', channel: 'telnet', reason: 'channel_refused' },
    },
  ]);
  house.pass(59_000);
  await knock('anna');
  expect(await house.events('login.refused')).toHaveLength(1);
  await knock('anna', 'h2');
  house.pass(2_000);
  await knock('ALERT: call +1 555');
  const events = await house.events('login.refused');
  expect(events.slice(1).map(({ detail }) => [detail?.host, detail?.login])).toEqual([
    ['h2', 'anna'],
    ['h1', undefined],
  ]);
  // Known or not, the names of accounts are not asked for.
  await house.database.sql`alter table credentials rename to credentials_gone`;
  await house.database.sql`alter table accounts rename to accounts_gone`;
  try {
    expect(value(await lookAtDoor(agent, { ...asked, login: 'anna' }))).toEqual(answers[0]);
  } finally {
    await house.database.sql`alter table accounts_gone rename to accounts`;
    await house.database.sql`alter table credentials_gone rename to credentials`;
  }
});

it('what repeats is told again once its span is over, by one of many, and the memory has a bound', () => {
  const once = new OnceIn(60_000, 2);
  expect(Array.from({ length: 16 }, () => once.claim('a', 0)).filter(Boolean)).toHaveLength(1);
  expect([once.claim('a', 59_999), once.claim('a', 60_000), once.claim('a', 60_001)]).toEqual([
    false,
    true,
    false,
  ]);
  once.release('a');
  expect(once.claim('a', 60_002)).toBe(true);
  for (const name of ['b', 'c']) expect(once.claim(name, 60_003)).toBe(true);
  expect([once.claim('c', 60_004), once.claim('a', 60_004)]).toEqual([false, true]);
});

it('ATTACK: login -f for a user that Gatehouse does not know is refused, not left to the next module', async () => {
  await open(true);
  const agent = house.ctx(agentOf('h1'));
  const root = { ...asked, login: 'root' };
  const other = { ...root, method: 'other' as const };
  const no = { decision: 'deny', reason: 'invalid_credentials' };
  expect(value(await judgeAccount(agent, other))).toEqual(no);
  expect(value(await openHostSession(agent, { ...other, process }))).toEqual(no);
  expect(value(await factorAfterKey(agent, { ...root, code_needed: false }))).toEqual(no);
  const events = (await house.events('login.refused')).slice(-3);
  expect(events.map(({ detail }) => [detail?.login, detail?.reason])).toEqual(
    Array(3).fill(['root', 'unknown_login']),
  );
  // At other doors such a user is the host's own.
  const ssh = { ...other, channel: 'ssh' };
  expect(value(await judgeAccount(agent, ssh))).toEqual({ decision: 'unknown' });
  expect(value(await openHostSession(agent, { ...ssh, process }))).toEqual({ decision: 'unknown' });
});

it('ATTACK: an attribute of RADIUS makes nobody local', async () => {
  await open(true);
  const { token } = await house.client(['authenticate']);
  const ask = (channel: string) =>
    send(house, `/hooks/radius/authenticate?channel=${channel}`, {
      headers: { 'x-gatehouse-key': token },
      body: attributes({ 'User-Name': 'anna', 'User-Password': password, 'Calling-Station-Id': '127.0.0.1' }),
    });
  expect((await ask('telnet')).status).toBe(401);
  expect((await ask('ssh')).status).toBe(200);
});

it('takes no app password, which would go round the second factor in clear text', async () => {
  await open(true);
  const session = opened(await house.guess({ login: 'anna', store: 'panel', open_session: true }));
  const made = await house.request('POST', '/v1/me/app-passwords', {
    token: session.token,
    body: { store: 'ssh', label: 'laptop' },
  });
  expect(made.status).toBe(201);
  const { password: secret, id } = (await made.json()) as { password: string; id: string };
  const by = (channel: string) =>
    house.guess({ login: 'anna', store: 'ssh', channel, password: secret, open_session: false, ...near });
  expect(await by('telnet')).toMatchObject({ decision: 'deny', reason: 'invalid_credentials' });
  const elsewhere = await by('ssh');
  if (elsewhere.decision !== 'allow') throw new Error(elsewhere.decision);
  expect(elsewhere.verified).toMatchObject({ app_password_id: id });
  const input = {
    ...asked,
    login: 'anna',
    method: 'password' as const,
    verified: elsewhere.verified,
    process,
  };
  expect(value(await openHostSession(house.ctx(agentOf('h1')), input)).decision).toBe('deny');
  const events = (await house.events('login.refused')).filter(({ account_id }) => account_id === account);
  expect(events.slice(-2).map(({ detail }) => detail?.reason)).toEqual(Array(2).fill('not_by_password'));
});
