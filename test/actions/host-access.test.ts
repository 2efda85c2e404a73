/** What a host asks about keys and second factors: who is let in by what, and what no agent can get by asking. */
import { afterAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/domain/ssh-key.ts';
import { giveTotp } from '../support/factors.ts';
import { fitTestHouse, opened, password } from '../support/house.ts';

const house = await fitTestHouse({ pool: 30 });
afterAll(house.close);

let count = 0;
let pid = 1000;

function newKey(): { readonly line: string; readonly fingerprint: string } {
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(house.house.world.random(32))]);
  return { line: `ssh-ed25519 ${blob.toString('base64')}`, fingerprint: fingerprintOf(blob) };
}

type Body = Record<string, unknown>;
const agent = await house.client(['agent', 'authenticate'], 'web1');

async function call(
  token: string,
  method: string,
  path: string,
  body?: Body,
): Promise<{ status: number; body: Body }> {
  const answer = await house.request(method, path, { token, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Body) };
}

async function owner(options: { factor?: boolean } = {}) {
  const login = `owner${++count}`;
  const id = await house.account(login, { panel: password, ssh: password });
  const generator = options.factor === true ? await giveTotp(house, id) : undefined;
  const otp = generator === undefined ? {} : { otp: generator.code() };
  const { token } = opened(await house.guess({ store: 'panel', login, ...otp }));
  return { id, login, generator, token };
}
type Owner = Awaited<ReturnType<typeof owner>>;

async function withKey(who: Owner, more: Body = {}) {
  const key = newKey();
  const made = await call(who.token, 'POST', '/v1/me/ssh-keys', { key: `${key.line} laptop`, ...more });
  if (made.status !== 201) throw new Error(JSON.stringify(made));
  return { ...key, id: String(made.body.id), body: made.body };
}

const ofHost = (login: string) => ({ host: 'web1', store: 'ssh', channel: 'ssh', login });
const served = async (login: string, fingerprint: string, token = agent.token) =>
  (await call(token, 'POST', '/v1/agent/ssh-keys', { host: 'web1', login, fingerprint })).body;
const open = (login: string, more: Body = {}) =>
  call(agent.token, 'POST', '/v1/agent/sessions', {
    ...ofHost(login),
    ...{ source_ip: '203.0.113.9', method: 'publickey' },
    process: { pid: ++pid, start: '1', boot_id: '00000000-0000-0000-0000-000000000000' },
    ...more,
  }).then(({ body }) => body as { decision: string; session?: { id: string; absolute_expires_at: string } });
const reasons = async (who: Owner) =>
  (await house.events('login.refused'))
    .filter((event) => event.account_id === who.id)
    .map((event) => event.detail?.reason);

describe('a key that is kept here', () => {
  it('is served to hosts, and the session that it opens is tied to it', async () => {
    const who = await owner();
    const key = await withKey(who, { source: '203.0.113.1/24', expires_at: '2026-02-01T00:00:00Z' });
    expect(key.body).toMatchObject({
      login: who.login,
      type: 'ssh-ed25519',
      label: 'laptop',
      source: '203.0.113.0/24',
    });
    expect(await served(who.login, key.fingerprint)).toEqual({
      decision: 'allow',
      key: {
        id: key.id,
        type: 'ssh-ed25519',
        key: key.line.split(' ')[1],
        source: '203.0.113.0/24',
        expires_at: '2026-02-01T00:00:00.000Z',
      },
    });
    const { session } = await open(who.login, { ssh_key: key.fingerprint });
    expect(await house.session(session?.id ?? '')).toMatchObject({ ssh_key_id: key.id, method: 'publickey' });
    expect((await call(who.token, 'GET', '/v1/me/ssh-keys')).body).toMatchObject({
      items: [{ id: key.id, last_used_at: new Date(house.now()).toISOString() }],
    });
  });

  it('is served for its login alone, by an active account, while its channel is open', async () => {
    const [who, other] = [await owner(), await owner()];
    const key = await withKey(who);
    const no = { decision: 'deny' };
    expect(await served(other.login, key.fingerprint)).toEqual(no);
    expect(await served('nobody', key.fingerprint)).toEqual(no);
    expect(await served(who.login, newKey().fingerprint)).toEqual(no);
    const admin = await house.operator('admin');
    for (const level of ['logins', 'all']) {
      await call(admin.token, 'POST', `/v1/accounts/${who.id}/suspend`, { reason: 'unpaid', level });
      expect(await served(who.login, key.fingerprint)).toEqual(no);
      expect((await open(who.login, { ssh_key: key.fingerprint })).decision).toBe('deny');
      await call(admin.token, 'POST', `/v1/accounts/${who.id}/resume`);
      expect(await served(who.login, key.fingerprint)).toMatchObject({ decision: 'allow' });
    }
    await call(admin.token, 'PATCH', '/v1/policy', { channels: { ssh: { allowed: false } } });
    expect(await served(who.login, key.fingerprint)).toEqual(no);
    await call(admin.token, 'PATCH', '/v1/policy', { channels: { ssh: { allowed: null } } });
    expect(await served(who.login, key.fingerprint)).toMatchObject({ decision: 'allow' });
  });

  it('revoked, expired or from elsewhere opens nothing, even where a file of the host still has it', async () => {
    const who = await owner();
    const revoked = await withKey(who);
    const ended = await open(who.login, { ssh_key: revoked.fingerprint });
    const stays = await open(who.login, { ssh_key: (await withKey(who)).fingerprint });
    expect((await call(who.token, 'DELETE', `/v1/me/ssh-keys/${revoked.id}`)).status).toBe(204);
    expect(await house.session(ended.session?.id ?? '')).toMatchObject({
      end_reason: 'credential_changed',
      door_state: 'pending',
    });
    expect((await house.session(stays.session?.id ?? '')).ended_at).toBeNull();
    expect(await served(who.login, revoked.fingerprint)).toEqual({ decision: 'deny' });
    expect((await open(who.login, { ssh_key: revoked.fingerprint })).decision).toBe('deny');
    const elsewhere = await withKey(who, { source: '198.51.100.0/24' });
    expect((await open(who.login, { ssh_key: elsewhere.fingerprint })).decision).toBe('deny');
    expect((await open(who.login, { ssh_key: elsewhere.fingerprint, source_ip: undefined })).decision).toBe(
      'deny',
    );
    const ends = new Date(house.now() + 60_000).toISOString();
    const short = await withKey(who, { expires_at: ends });
    expect((await open(who.login, { ssh_key: short.fingerprint })).session?.absolute_expires_at).toBe(ends);
    house.pass(60_000);
    expect(await served(who.login, short.fingerprint)).toEqual({ decision: 'deny' });
    expect((await open(who.login, { ssh_key: short.fingerprint })).decision).toBe('deny');
    expect(await reasons(who)).toEqual([
      'ssh_key_revoked',
      'ssh_key_outside_source',
      'ssh_key_outside_source',
      'ssh_key_expired',
    ]);
    // The same key again, once the old one is out of the way.
    const again = { key: `${short.line} laptop` };
    const fresh = opened(await house.guess({ store: 'panel', login: who.login }));
    expect((await call(fresh.token, 'POST', '/v1/me/ssh-keys', again)).status).toBe(201);
    expect((await call(fresh.token, 'POST', '/v1/me/ssh-keys', again)).status).toBe(409);
    expect((await open(who.login, { ssh_key: short.fingerprint })).decision).toBe('allow');
  });

  it('of the host alone is none of our business: no row, no tie', async () => {
    const who = await owner();
    const { session } = await open(who.login, { ssh_key: newKey().fingerprint });
    expect((await house.session(session?.id ?? '')).ssh_key_id).toBeNull();
  });

  it('is refused with options, with a line break, and for a login that is not the account’s', async () => {
    const [who, other] = [await owner(), await owner()];
    const { line } = newKey();
    for (const key of [
      `command="/bin/sh" ${line}`,
      `${line}\n${newKey().line}`,
      `${line}\ncommand="/bin/sh" ${line}`,
      `ssh-rsa ${line.split(' ')[1]}`,
    ]) {
      const answer = await call(who.token, 'POST', '/v1/me/ssh-keys', { key });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'key' }] } });
    }
    for (const more of [
      { login: other.login },
      { source: '*' },
      { source: '::1" command="x' },
      { label: 'a\nb' },
    ]) {
      expect((await call(who.token, 'POST', '/v1/me/ssh-keys', { key: line, ...more })).status).toBe(422);
    }
    expect((await call(who.token, 'GET', '/v1/me/ssh-keys')).body).toMatchObject({ items: [] });
  });

  it('planted in the row by plain SQL never leaves with a second line', async () => {
    const who = await owner();
    const key = await withKey(who);
    await house.database.sql`update ssh_keys set source = ${'::1" command="x'} where id = ${key.id}`;
    const { key: sent } = (await served(who.login, key.fingerprint)) as { key?: { source: string } };
    // The service answers parts, not lines: the agent writes the line, and refuses this one (domain/ssh-key).
    expect(sent?.source).toBe('::1" command="x');
  });

  it('is added by the staff too, with the owner told and the event on record', async () => {
    const who = await owner();
    const staff = await house.operator('support');
    const auditor = await house.operator('auditor');
    const { line, fingerprint } = newKey();
    const path = `/v1/accounts/${who.id}/ssh-keys`;
    expect((await call(auditor.token, 'POST', path, { key: line })).status).toBe(403);
    const made = await call(staff.token, 'POST', path, { key: line, label: 'deploy' });
    expect(made.status).toBe(201);
    expect((await call(auditor.token, 'GET', path)).body).toMatchObject({
      items: [{ label: 'deploy', fingerprint }],
    });
    expect(await served(who.login, fingerprint)).toMatchObject({ decision: 'allow' });
    expect((await call(staff.token, 'DELETE', `${path}/${String(made.body.id)}`)).status).toBe(204);
    expect(await served(who.login, fingerprint)).toEqual({ decision: 'deny' });
    const told = (await house.events()).filter(
      (event) => event.account_id === who.id && event.kind.startsWith('ssh_key.'),
    );
    expect(told.map((event) => event.kind)).toEqual(['ssh_key.made', 'ssh_key.revoked']);
  });

  it('goes with its login', async () => {
    const who = await owner();
    const key = await withKey(who);
    const { session } = await open(who.login, { ssh_key: key.fingerprint });
    const admin = await house.operator('admin');
    await call(admin.token, 'DELETE', `/v1/accounts/${who.id}/credentials/ssh/${who.login}`);
    expect(await served(who.login, key.fingerprint)).toEqual({ decision: 'deny' });
    expect((await house.session(session?.id ?? '')).ended_at).not.toBeNull();
  });

  it('no session outlives it: 16 revocations against 16 openings each', async () => {
    const who = await owner();
    for (let round = 0; round < 16; round++) {
      const key = await withKey(who);
      await Promise.all([
        ...Array.from({ length: 16 }, () => open(who.login, { ssh_key: key.fingerprint })),
        call(who.token, 'DELETE', `/v1/me/ssh-keys/${key.id}`),
      ]);
      const live = await house.database
        .sql`select id from sessions where ssh_key_id = ${key.id} and ended_at is null`;
      expect(live).toEqual([]);
    }
  });

  it('is kept once by 16 who add it at once', async () => {
    const who = await owner();
    const { line } = newKey();
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => call(who.token, 'POST', '/v1/me/ssh-keys', { key: line })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });
});

describe('the factor after a key', () => {
  const factor = (login: string, code_needed: boolean, token = agent.token) =>
    call(token, 'POST', '/v1/agent/factor', { ...ofHost(login), source_ip: '203.0.113.9', code_needed });
  const redeem = (id: unknown, code: string) =>
    call(agent.token, 'POST', '/v1/authenticate/challenge', { challenge_id: id, kind: 'totp', code });

  it('is a challenge that opens nothing by itself, and no session by token ever', async () => {
    const who = await owner({ factor: true });
    house.pass(60_000);
    const { body } = await factor(who.login, true);
    expect(body).toMatchObject({ decision: 'challenge', challenge: { kinds: ['totp'] } });
    expect(JSON.stringify(body)).not.toContain('verified');
    const { id } = body.challenge as { id: string };
    expect((await redeem(id, '000000')).body).toMatchObject({ decision: 'deny' });
    const good = await redeem(id, who.generator?.code() ?? '');
    expect(good.body).toMatchObject({ decision: 'allow', verified: { credential_id: expect.any(String) } });
    expect(good.body).not.toHaveProperty('session');
    expect((await redeem(id, who.generator?.code(1) ?? '')).body).toMatchObject({ decision: 'deny' });
    const told = (await house.events('login.allowed')).filter((event) => event.account_id === who.id);
    expect(told.at(-1)?.detail).toMatchObject({ method: 'publickey+totp', store: 'ssh' });
    const opening = await open(who.login, { verified: good.body.verified });
    expect(opening.decision).toBe('allow');
  });

  it('without one: let in where none is needed, refused where one is', async () => {
    const who = await owner();
    expect((await factor(who.login, false)).body).toMatchObject({ decision: 'allow', verified: {} });
    expect((await factor(who.login, true)).body).toEqual({
      decision: 'deny',
      reason: 'second_factor_required',
    });
    expect(await reasons(who)).toEqual(['second_factor_required']);
    expect((await factor('nobody', true)).body).toEqual({ decision: 'unknown' });
  });

  it('is not for suspended accounts, other hosts, or callers that are no agents', async () => {
    const who = await owner({ factor: true });
    const other = await house.client(['agent', 'authenticate'], 'web2');
    expect((await factor(who.login, true, other.token)).status).toBe(403);
    const panel = await house.client(['authenticate']);
    expect((await factor(who.login, true, panel.token)).status).toBe(403);
    expect(
      await call(panel.token, 'POST', '/v1/agent/ssh-keys', {
        host: 'web1',
        login: who.login,
        fingerprint: `SHA256:${'A'.repeat(43)}`,
      }),
    ).toMatchObject({ status: 403 });
    const admin = await house.operator('admin');
    await call(admin.token, 'POST', `/v1/accounts/${who.id}/suspend`, { reason: 'x' });
    expect((await factor(who.login, true)).body).toEqual({ decision: 'deny', reason: 'invalid_credentials' });
  });
});

describe('an agent that lies about what was verified', () => {
  it('ties no session to an app password, grant or credential of somebody else', async () => {
    const [who, other] = [await owner(), await owner()];
    const [mine] = await house.database
      .sql`select id, epoch::int from credentials where login = ${who.login} and store = 'ssh'`;
    const [theirs] = await house.database
      .sql`select id, epoch::int from credentials where login = ${other.login} and store = 'ssh'`;
    const made = await call(other.token, 'POST', '/v1/me/app-passwords', { store: 'ssh', label: 'x' });
    const verified = { credential_id: mine?.id, epoch: mine?.epoch };
    const lies = [
      { ...verified, app_password_id: made.body.id },
      { ...verified, app_password_id: 'apw_made_up' },
      { ...verified, grant_id: 'grt_made_up' },
      { credential_id: theirs?.id, epoch: theirs?.epoch },
      { ...verified, epoch: 999 },
    ];
    for (const lie of lies) {
      const answer = await open(who.login, { method: 'password', verified: lie });
      expect(answer.decision, JSON.stringify(lie)).toBe('deny');
    }
    expect((await open(who.login, { method: 'password', verified })).decision).toBe('allow');
    expect(
      (await open(who.login, { method: 'password', verified: { ...verified, more: 1 } })).decision,
    ).toBeUndefined();
  });

  it('ATTACK: opens no session of the panel, and so pushes none of its owner’s out', async () => {
    const who = await owner();
    for (let i = 0; i < 12; i++) {
      const answer = await open(who.login, { store: 'panel', channel: 'panel', method: 'other' });
      expect(answer.decision).toBeUndefined();
    }
    expect((await call(who.token, 'GET', '/v1/session')).status).toBe(200);
  });
});
