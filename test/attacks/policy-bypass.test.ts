/** A closed channel stays closed by every way in, and a bound key by every way round. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { factorAfterKey } from '../../src/actions/factor-after-key.ts';
import { judgeAccount } from '../../src/actions/judge-account.ts';
import { lookAtDoor } from '../../src/actions/look-at-door.ts';
import { openHostSession } from '../../src/actions/open-host-session.ts';
import { changePolicy } from '../../src/actions/policy.ts';
import { admin, agentOf, fitTestHouse, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
let account = '';
beforeAll(async () => {
  account = await house.account('anna', { ssh: password, ftp: password, panel: password });
});

let processes = 0;
const door = (more: object = {}) => ({
  ...{ host: 'h1', store: 'ssh', channel: 'telnet', login: 'anna', method: 'other' as const },
  process: { pid: 5, start: String(++processes), boot_id: '00000000-0000-4000-8000-000000000000' },
  ...more,
});

it('telnet is refused unless the policy turns it on: at the door, at login, at the account check and at the opening', async () => {
  const agent = house.ctx(agentOf('h1'));
  const near = { source_ip: '127.0.0.1' };
  const all = async (from: { source_ip?: string | undefined } = near) => {
    const asked = { store: 'ssh', channel: 'telnet', login: 'anna' } as const;
    const proof = await house.guess({ ...asked, source_ip: undefined, ...from });
    const proved = proof.decision === 'allow' ? { verified: proof.verified } : {};
    const way = door({ ...from, ...proved, method: 'password' });
    return [
      value(await lookAtDoor(agent, { ...asked, host: 'h1', ...from })).open ? 'allow' : 'deny',
      proof.decision,
      value(await judgeAccount(agent, way)).decision,
      value(await openHostSession(agent, way)).decision,
    ];
  };
  const [no, yes] = [Array(4).fill('deny'), Array(4).fill('allow')];
  expect(await all()).toEqual(no);
  const refused = (await house.events('login.refused')).slice(-4);
  expect(refused.map((event) => event.detail?.reason)).toEqual(Array(4).fill('channel_refused'));
  value(await changePolicy(house.ctx(admin), { channels: { telnet: { allowed: true } } }));
  expect(await all()).toEqual(yes);
  // From loopback alone, and not from what is not known to be it.
  for (const source_ip of ['192.0.2.7', '2001:db8::1', '::ffff:192.0.2.7', undefined]) {
    expect(await all({ source_ip }), source_ip).toEqual(no);
  }
  for (const source_ip of ['::1', '::ffff:127.0.0.1', '127.8.8.8']) {
    expect(await all({ source_ip }), source_ip).toEqual(yes);
  }
});

it('telnet takes nobody whose password was not judged: no login -f, no key, no session found running', async () => {
  const agent = house.ctx(agentOf('h1'));
  const near = { source_ip: '127.0.0.1' };
  for (const method of ['other', 'publickey'] as const) {
    expect(value(await judgeAccount(agent, door({ ...near, method }))).decision, method).toBe('deny');
  }
  const ways = [
    { method: 'other' },
    { method: 'publickey' },
    { method: 'password' },
    { method: 'other', adopted: true },
  ];
  for (const way of ways) {
    expect(value(await openHostSession(agent, door({ ...near, ...way }))), JSON.stringify(way)).toEqual({
      decision: 'deny',
      reason: 'invalid_credentials',
    });
  }
  const factor = { host: 'h1', store: 'ssh', login: 'anna', channel: 'telnet', code_needed: false };
  expect(value(await factorAfterKey(agent, { ...factor, ...near })).decision).toBe('deny');
  const reasons = (await house.events('login.refused')).slice(-7).map((event) => event.detail?.reason);
  expect(reasons).toEqual(Array(7).fill('not_by_password'));
  value(await changePolicy(house.ctx(admin), { channels: null }));
});

it('a channel that was closed between the judgement and the opening is closed', async () => {
  const proof = await house.guess({ login: 'anna', store: 'ftp', open_session: false });
  if (proof.decision !== 'allow') throw new Error(proof.decision);
  value(await changePolicy(house.ctx(admin), { channels: { ftp: { allowed: false } } }));
  const input = door({ store: 'ftp', channel: 'ftp', method: 'password', verified: proof.verified });
  expect(value(await openHostSession(house.ctx(agentOf('h1')), input))).toEqual({
    decision: 'deny',
    reason: 'channel_refused',
  });
  value(await changePolicy(house.ctx(admin), { channels: null }));
});

it('a channel of one store is no way in with the password of another', async () => {
  for (const [store, channel] of [
    ['panel', 'ssh'],
    ['ftp', 'sftp'],
    ['ssh', 'panel'],
  ] as const) {
    const answer = await openHostSession(house.ctx(agentOf('h1')), door({ store, channel }));
    expect(answer).toMatchObject({ ok: false, refusal: { refused: 'invalid_field' } });
  }
});

it('what was verified for one credential opens nothing for another', async () => {
  const ftp = await house.guess({ login: 'anna', store: 'ftp', open_session: false });
  await house.account('berta', { ssh: password });
  const berta = await house.guess({ login: 'berta', store: 'ssh', open_session: false });
  if (ftp.decision !== 'allow' || berta.decision !== 'allow') throw new Error('not allowed');
  const proofs = [
    ftp.verified,
    berta.verified,
    { ...ftp.verified, epoch: 99 },
    { credential_id: 'crd_nothing', epoch: 1 },
  ];
  for (const verified of proofs) {
    const answer = await openHostSession(house.ctx(agentOf('h1')), door({ channel: 'ssh', verified }));
    expect(value(answer)).toEqual({ decision: 'deny', reason: 'invalid_credentials' });
  }
  const reasons = (await house.events('login.refused')).slice(-4).map((event) => event.detail?.reason);
  expect(reasons).toEqual(Array(4).fill('changed_meanwhile'));
});

it('an agent cannot open a session in the past of the clock nor in its future', async () => {
  const at = (ms: number) => new Date(house.now() + ms).toISOString();
  const agent = house.ctx(agentOf('h1'));
  const future = value(await openHostSession(agent, door({ channel: 'ssh', opened_at: at(3_600_000) })));
  expect(future).toMatchObject({ session: { opened_at: at(0), absolute_expires_at: at(12 * 3_600_000) } });
  const past = value(
    await openHostSession(agent, door({ channel: 'ssh', opened_at: at(-3_600_000), adopted: true })),
  );
  expect(past).toMatchObject({
    session: { opened_at: at(-3_600_000), absolute_expires_at: at(11 * 3_600_000) },
  });
});

it('a profile that a caller may not choose is no field of a login', async () => {
  const { token } = await house.client(['authenticate']);
  const body = { store: 'panel', login: 'anna', password, profile: 'operator' };
  expect((await house.request('POST', '/v1/authenticate', { token, body })).status).toBe(422);
  expect(account).toMatch(/^acc_/);
});
