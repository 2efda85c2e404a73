/** A closed channel stays closed by every way in, and a bound key by every way round. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { judgeAccount } from '../../src/actions/judge-account.ts';
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

it('telnet is refused unless the policy turns it on: at login, at the account check and at the opening', async () => {
  const agent = house.ctx(agentOf('h1'));
  const all = async () => [
    (await house.guess({ login: 'anna', store: 'ssh', channel: 'telnet' })).decision,
    value(await judgeAccount(agent, door())).decision,
    value(await openHostSession(agent, door())).decision,
  ];
  expect(await all()).toEqual(['deny', 'deny', 'deny']);
  const refused = (await house.events('login.refused')).slice(-3);
  expect(refused.map((event) => event.detail?.reason)).toEqual(Array(3).fill('channel_refused'));
  value(await changePolicy(house.ctx(admin), { channels: { telnet: { allowed: true } } }));
  expect(await all()).toEqual(['allow', 'allow', 'allow']);
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
