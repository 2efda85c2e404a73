/** Sessions that live in daemons without an agent: opened with the login, followed by what the daemon says. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { endSessions } from '../../src/actions/end-sessions.ts';
import { sweepNeverTakenUp } from '../../src/actions/follow-session.ts';
import { greetAgent } from '../../src/actions/greet-agent.ts';
import { liveOnHost, pendingOnHost } from '../../src/store/sessions.ts';
import { admin, agentOf, fitTestHouse, panel, type SessionRow, value } from '../support/house.ts';
import { attributes, send } from './support/callers.ts';

const house = await fitTestHouse();
afterAll(house.close);
const secret = 'letters sleep in boxes';
let key = '';
let bound = '';
let number = 0;

beforeAll(async () => {
  key = (await house.client(['authenticate'])).token;
  bound = (await house.client(['authenticate'], 'mail2')).token;
});

const newAccount = async () => {
  const login = `u${++number}`;
  const stores = { mail: secret, ssh: secret, ftp: secret };
  return { login, id: await house.account(login, stores) };
};
const post = (path: string, body: unknown, by = key) =>
  send(house, path, { headers: { 'x-gatehouse-key': by }, body });
const check = (login: string, session: string, more: object = {}, by = key, host = 'mail1') =>
  post(
    `/hooks/dovecot?command=check&host=${host}`,
    {
      ...{ login, password: secret, service: 'imap', remote: '198.51.100.7', remote_port: '40001', session },
      ...more,
    },
    by,
  );
const said = (event: string, fields: object, by = key, host = 'mail1') =>
  post(`/hooks/dovecot?command=event&host=${host}`, { event, hostname: 'vm', fields }, by);
const sessionsOf = async (login: string) => {
  const rows = await house.database.sql<
    SessionRow[]
  >`select * from sessions where login = ${login} order by seq`;
  return [...rows];
};

it('opened with the login, without a token, and none of an agent’s business', async () => {
  const { login, id } = await newAccount();
  expect(await (await check(login, 's1')).text()).toMatch(/^decision=allow\nsession=ses_\S+\n$/);
  const [row] = await sessionsOf(login);
  expect(row).toMatchObject({
    ...{ account_id: id, token_hash: null, door_ref: 's1', door_state: 'open', host: 'mail1' },
    ...{ channel: 'imap', source_ip: '198.51.100.7', source_port: 40001, ended_at: null },
  });
  expect(await liveOnHost(house.database.drizzle, 'mail1')).toEqual([]);
  value(await endSessions(house.ctx(admin), { select: { account_id: id }, reason: 'x', dry_run: false }));
  expect(await pendingOnHost(house.database.drizzle, 'mail1')).toEqual([]);
  expect((await sessionsOf(login))[0]).toMatchObject({ door_state: 'pending' });
});

it('nothing is opened for Postfix, nor where no host is named', async () => {
  const { login } = await newAccount();
  await check(login, 's2', { service: 'smtp' });
  const body = { login, password: secret, service: 'imap', session: 's3' };
  expect(await (await post('/hooks/dovecot?command=check', body)).text()).toBe('decision=allow\n');
  expect(await sessionsOf(login)).toEqual([]);
});

it('a service of Dovecot that logs nobody in is refused', async () => {
  const { login } = await newAccount();
  for (const service of ['lmtp', 'doveadm', '__proto__', 'constructor', '']) {
    const answer = await (await check(login, 'x', { service })).text();
    expect(answer).toMatch(/^decision=deny\n/);
  }
});

it('what Dovecot never took up is given up after two minutes, unproved; what it did take up stays', async () => {
  const [lost, kept] = [await newAccount(), await newAccount()];
  await check(lost.login, 'lost');
  await check(kept.login, 'kept', { remote_port: '40002' });
  const master = { user: kept.login, remote_ip: '198.51.100.7', remote_port: 40_002 };
  expect(await (await said('auth_master_client_login_finished', master)).json()).toEqual({ known: true });
  house.pass(121_000);
  expect(await sweepNeverTakenUp(house.ctx({ kind: 'system' }))).toBeGreaterThanOrEqual(1);
  expect((await sessionsOf(lost.login))[0]).toMatchObject({ end_reason: 'lost', door_state: 'not_proven' });
  expect((await sessionsOf(kept.login))[0]).toMatchObject({ ended_at: null, door_state: 'open' });
});

it('over when Dovecot says so, once of sixteen times at once; and only by a key that may speak for the host', async () => {
  const { login } = await newAccount();
  await check(login, 'over');
  const noScope = (await house.client(['sessions', 'agent'])).token;
  for (const by of [bound, noScope, 'x']) await said('mail_user_session_finished', { session: 'over' }, by);
  await said('mail_user_session_finished', { session: 'over' }, key, 'mail9');
  expect((await sessionsOf(login))[0]).toMatchObject({ ended_at: null });
  await Promise.all(
    Array.from({ length: 16 }, () => said('mail_user_session_finished', { session: 'over' })),
  );
  const [row] = await sessionsOf(login);
  expect(row).toMatchObject({ end_reason: 'closed', door_state: 'ended' });
  const events = await house.events('session.ended');
  expect(events.filter((each) => each.session_id === row?.id)).toHaveLength(1);
});

it('a key that is bound to a host opens nothing on another', async () => {
  const { login } = await newAccount();
  const answer = await check(login, 'elsewhere', {}, bound, 'mail1');
  expect(answer.status).toBe(403);
  expect(await sessionsOf(login)).toEqual([]);
  expect((await check(login, 'here', {}, bound, 'mail2')).status).toBe(200);
  expect((await check(login, 'odd', {}, key, encodeURIComponent('a b\n'))).status).toBe(422);
});

it('sixteen logins at once under one name of Dovecot’s leave one live session', async () => {
  const { login } = await newAccount();
  const answers = await Promise.all(Array.from({ length: 16 }, () => check(login, 'same')));
  for (const each of answers) expect(each.status).toBe(200);
  const rows = await sessionsOf(login);
  expect(rows.filter((row) => row.ended_at === null)).toHaveLength(1);
});

it('a suspension, and a changed password, end it; the door waits for the daemon’s word', async () => {
  const { login, id } = await newAccount();
  await check(login, 'suspended');
  value(await changeStatus(house.ctx(panel), id, { to: 'suspended', level: 'all', reason: 'unpaid' }));
  expect((await sessionsOf(login))[0]).toMatchObject({ door_state: 'pending' });
  await said('mail_user_session_finished', { session: 'suspended' });
  expect((await sessionsOf(login))[0]).toMatchObject({ door_state: 'ended' });
});

it('a command in a mailbox is activity', async () => {
  const { login } = await newAccount();
  await check(login, 'busy');
  house.pass(60_000);
  await said('imap_command_finished', { session: 'busy', user: login });
  await house.house.touches.flush();
  const [row] = await sessionsOf(login);
  expect(Date.parse(String(row?.last_seen_at))).toBe(house.now());
});

it('SFTPGo: opened by the password, taken up by post-login, closed by what it says of its duration', async () => {
  const { login } = await newAccount();
  const password = { username: login, password: secret, ip: '198.51.100.8', protocol: 'SSH' };
  await post('/hooks/sftpgo/check-password?host=sftp1', password);
  house.pass(10_000);
  await post('/hooks/sftpgo/check-password?host=sftp1', password);
  const query = 'login_method=password&ip=198.51.100.8&protocol=SSH&status=1';
  for (let i = 0; i < 2; i++) await post(`/hooks/sftpgo/post-login?host=sftp1&${query}`, { username: login });
  house.pass(5000);
  const over = `ip=198.51.100.8&protocol=SSH&username=${login}&connection_duration=15000`;
  const gone = await send(house, `/hooks/sftpgo/post-disconnect?host=sftp1&${over}`, {
    method: 'GET',
    headers: { 'x-gatehouse-key': key },
  });
  expect(await gone.json()).toEqual({ known: true });
  const rows = await sessionsOf(login);
  expect(rows.map((row) => row.ended_at === null)).toEqual([false, true]);
  expect(rows[0]).toMatchObject({ end_reason: 'closed', door_state: 'ended', host: 'sftp1' });
});

it('RADIUS: a Class that is not ours, of another NAS, or forged, moves nothing', async () => {
  const { login } = await newAccount();
  const nas = { 'NAS-Identifier': 'ftp', 'User-Name': login, 'User-Password': secret };
  const accepted = (await (await post('/hooks/radius/authenticate', attributes(nas))).json()) as {
    'reply:Class': { value: string[] };
  };
  const Class = accepted['reply:Class'].value[0] ?? '';
  const stop = (more: Record<string, string>) =>
    post('/hooks/radius/accounting', attributes({ ...nas, 'Acct-Status-Type': 'Stop', ...more }));
  for (const other of [
    { Class: '0xffff' },
    { Class: 'ses_x' },
    {},
    { Class, 'NAS-Identifier': 'ssh2' },
    { Class, 'Acct-Status-Type': 'Accounting-On' },
  ]) {
    expect((await stop(other)).status).toBe(204);
  }
  expect((await sessionsOf(login))[0]).toMatchObject({ ended_at: null });
  expect((await stop({ Class })).status).toBe(204);
  expect((await sessionsOf(login))[0]).toMatchObject({ end_reason: 'closed' });
});

const boot_id = '11111111-2222-4333-8444-555555555555';
const processOf = async (session: string, pid: number, more = '', by = key, host = 'mail1') => {
  const told = { session, pid: String(pid), start: '4711', boot_id };
  return (await post(`/hooks/dovecot?command=process&host=${host}${more}`, told, by)).text();
};

it('a process that its daemon named: from then on its agent answers for it, orders and all', async () => {
  const { login, id } = await newAccount();
  await check(login, 'named');
  expect(await processOf('named', 4001)).toBe('decision=allow\n');
  const [row] = await sessionsOf(login);
  expect(row).toMatchObject({ pid: 4001, pid_start: '4711', boot_id, door_detail: null });
  const live = await liveOnHost(house.database.drizzle, 'mail1', row?.id);
  expect(live).toMatchObject([{ doorRef: 'named', process: { pid: 4001 } }]);
  value(await endSessions(house.ctx(admin), { select: { account_id: id }, reason: 'x', dry_run: false }));
  const pending = await pendingOnHost(house.database.drizzle, 'mail1');
  expect(pending.map((each) => each.id)).toContain(row?.id);
});

it('what ended after its password was judged gets no process: ended, cut off, suspended, or of another host', async () => {
  const [ended, cut, shut, elsewhere] = [
    await newAccount(),
    await newAccount(),
    await newAccount(),
    await newAccount(),
  ];
  for (const [index, { login }] of [ended, cut, shut, elsewhere].entries())
    await check(login, `late${index}`);
  const order = { reason: 'x', dry_run: false };
  value(await endSessions(house.ctx(admin), { select: { account_id: ended.id }, ...order }));
  await house.database
    .sql`insert into cutoffs (order_id, up_to, created_at) values ('ord_x', nextval('session_seq'), now())`;
  expect(await processOf('late1', 4011)).toBe('decision=deny\nreason=over\n');
  await house.database.sql`delete from cutoffs`;
  value(await changeStatus(house.ctx(admin), shut.id, { to: 'suspended', reason: 'x', level: 'logins' }));
  expect(await processOf('late0', 4010)).toBe('decision=deny\nreason=over\n');
  expect(await processOf('late3', 4013, '', key, 'mail2')).toBe('decision=deny\nreason=over\n');
  expect(await processOf('never judged', 4014)).toBe('decision=deny\nreason=over\n');
  for (const { login } of [ended, cut, elsewhere])
    expect((await sessionsOf(login))[0]).toMatchObject({ pid: null });
});

it('16 sessions that name one process at once: one has it, and no two ever share one', async () => {
  const { login } = await newAccount();
  for (let i = 0; i < 16; i++) await check(login, `share${i}`, { remote_port: String(41_000 + i) });
  const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => processOf(`share${i}`, 4100)));
  expect(answers.filter((each) => each === 'decision=allow\n')).toHaveLength(1);
  expect(answers.filter((each) => each === 'decision=deny\nreason=shared\n')).toHaveLength(15);
  expect((await sessionsOf(login)).filter((row) => row.pid === 4100)).toHaveLength(1);
});

it('a logoff among 16 last steps of logins: each is refused, or its process is ordered ended', async () => {
  const { login, id } = await newAccount();
  for (let i = 0; i < 16; i++) await check(login, `race${i}`, { remote_port: String(42_000 + i) });
  const steps = Array.from({ length: 16 }, (_, i) => processOf(`race${i}`, 4200 + i));
  const ends = { select: { account_id: id }, reason: 'x', dry_run: false };
  const [answers] = await Promise.all([Promise.all(steps), endSessions(house.ctx(admin), ends)]);
  const pending = await pendingOnHost(house.database.drizzle, 'mail1');
  const ordered = new Set(pending.flatMap(({ process }) => process?.pid ?? []));
  for (const [i, answer] of answers.entries()) {
    expect(ordered.has(4200 + i)).toBe(answer === 'decision=allow\n');
  }
});

it('where an agent is required, nobody comes in while it is out of reach; and the end is its to tell', async () => {
  const { login } = await newAccount();
  await check(login, 'guarded', {}, key, 'mail3');
  const step = (pid: number) => processOf('guarded', pid, '&agent=required', key, 'mail3');
  expect(await step(4300)).toBe('decision=deny\nreason=agent_away\n');
  const agent = house.ctx(agentOf('mail3'));
  const hello = { host: 'mail3', boot_id, version: '1', sessions: [] };
  value(await greetAgent(agent, hello));
  expect(await step(4300)).toBe('decision=allow\n');
  await said('mail_user_session_finished', { session: 'guarded' }, key, 'mail3');
  expect((await sessionsOf(login))[0]).toMatchObject({ ended_at: null });
  house.pass(31_000);
  await said('mail_user_session_finished', { session: 'guarded' }, key, 'mail3');
  expect((await sessionsOf(login))[0]).toMatchObject({ end_reason: 'closed', door_state: 'ended' });
});
