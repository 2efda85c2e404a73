/** App passwords and grants: what each opens, for how long, and what ends with it. */
import { afterAll, describe, expect, it } from 'vitest';
import type { StoreName } from '../../src/domain/channels/index.ts';
import { giveTotp } from '../support/factors.ts';
import { fitTestHouse, type Guess, home, opened, password } from '../support/house.ts';

const house = await fitTestHouse({ pool: 30 });
afterAll(house.close);

const denied = { decision: 'deny', reason: 'invalid_credentials' };
const hour = 3_600_000;
let count = 0;

interface Owner {
  readonly id: string;
  readonly login: string;
  readonly token: string;
  ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
}

/** An account with logins on three stores and a second factor, and a session of the panel that showed both. */
async function owner(options: { factor?: boolean } = {}): Promise<Owner> {
  const login = `owner${++count}`;
  const stores: Partial<Record<StoreName, string>> = { panel: password, ftp: password, ssh: password };
  const id = await house.account(login, stores);
  const generator = options.factor === false ? undefined : await giveTotp(house, id);
  const otp = generator === undefined ? {} : { otp: generator.code() };
  const { token } = opened(await house.guess({ store: 'panel', login, ...otp }));
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await house.request(method, path, { token, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  };
  return { id, login, token, ask };
}

async function made(
  who: Owner,
  more: Record<string, unknown> = {},
): Promise<{ id: string; password: string }> {
  const answer = await who.ask('POST', '/v1/me/app-passwords', { store: 'ftp', label: 'laptop', ...more });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer));
  return { id: String(answer.body.id), password: String(answer.body.password) };
}

async function granted(who: Owner, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await who.ask('POST', '/v1/me/grants', { store: 'ftp', source_ip: home, hours: 8, ...more });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer));
  return String(answer.body.id);
}

const reasons = async (who: Owner) =>
  (await house.events('login.refused'))
    .filter((event) => event.account_id === who.id)
    .map((event) => event.detail?.reason);

const atFtp = (who: Owner, secret: string, more: Partial<Guess> = {}) =>
  house.guess({ login: who.login, password: secret, ...more });

describe('an app password', () => {
  it('opens its store without the second factor, costs no hash, and is shown once', async () => {
    const who = await owner();
    const { id, password: secret } = await made(who);
    expect(secret).toMatch(/^([a-z2-7]{4}-){5}[a-z2-7]{4}$/);
    await house.hashesSince();
    for (const typed of [secret, secret.toUpperCase(), secret.replaceAll('-', '')]) {
      expect(await atFtp(who, typed)).toMatchObject({ decision: 'allow', verified: { app_password_id: id } });
    }
    expect(await house.hashesSince()).toBe(0);
    const { body } = await who.ask('GET', '/v1/me/app-passwords');
    expect(body).toMatchObject({
      items: [
        { id, store: 'ftp', login: who.login, label: 'laptop', last_used_from: home, read_only: false },
      ],
      next_cursor: null,
    });
    const kept = await house.database.sql`select * from app_passwords where id = ${id}`;
    for (const text of [JSON.stringify(body), JSON.stringify(kept), JSON.stringify(await house.events())]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(secret.replaceAll('-', ''));
    }
  });

  it('opens nothing else: another store, another login, the panel', async () => {
    const who = await owner();
    const other = await owner();
    const { password: secret } = await made(who);
    expect(await atFtp(who, secret, { store: 'ssh' })).toEqual(denied);
    expect(await atFtp(who, secret, { store: 'panel' })).toEqual(denied);
    expect(await atFtp(other, secret)).toEqual(denied);
    const panel = await who.ask('POST', '/v1/me/app-passwords', { store: 'panel', label: 'x' });
    expect(panel.status).toBe(422);
    const foreign = await who.ask('POST', '/v1/me/app-passwords', {
      store: 'ftp',
      label: 'x',
      login: other.login,
    });
    expect(foreign.status).toBe(422);
    // The password itself still needs the second factor there.
    expect(await atFtp(who, password)).toEqual({ decision: 'deny', reason: 'second_factor_required' });
  });

  it('moved to another login by plain SQL opens nothing there', async () => {
    const [who, other] = [await owner(), await owner()];
    const { id, password: secret } = await made(who);
    await house.database.sql`update app_passwords set (credential_id, account_id) =
      (select id, account_id from credentials where login = ${other.login} and store = 'ftp') where id = ${id}`;
    expect(await atFtp(other, secret)).toEqual(denied);
    expect(await atFtp(who, secret)).toEqual(denied);
  });

  it('works from its range alone, and the true reason is on record', async () => {
    const who = await owner();
    const { password: secret } = await made(who, { source: '203.0.113.77/24' });
    expect((await atFtp(who, secret, { source_ip: '203.0.113.200' })).decision).toBe('allow');
    expect(await atFtp(who, secret, { source_ip: '198.51.100.1' })).toEqual(denied);
    expect(await atFtp(who, secret, { source_ip: undefined })).toEqual(denied);
    expect(await reasons(who)).toEqual(['app_password_outside_source', 'app_password_outside_source']);
    const { body } = await who.ask('GET', '/v1/me/app-passwords');
    expect(body).toMatchObject({ items: [{ source: '203.0.113.0/24' }] });
    for (const source of ['203.0.113.0/33', 'example.net', '203.0.113.1,198.51.100.1', '*']) {
      const answer = await who.ask('POST', '/v1/me/app-passwords', { store: 'ftp', label: 'x', source });
      expect(answer.status, source).toBe(422);
    }
  });

  it('ends at its time, and so does what it opened', async () => {
    const who = await owner();
    const ends = new Date(house.now() + hour);
    const { password: secret } = await made(who, { expires_at: ends.toISOString() });
    const session = opened(await atFtp(who, secret, { open_session: true }));
    expect(await house.session(session.id)).toMatchObject({ method: 'app_password' });
    expect(new Date(String((await house.session(session.id)).absolute_at))).toEqual(ends);
    house.pass(hour);
    expect(await atFtp(who, secret)).toEqual(denied);
    expect(await reasons(who)).toEqual(['app_password_expired']);
    const past = { store: 'ftp', label: 'x', expires_at: new Date(house.now()).toISOString() };
    expect((await owner().then((one) => one.ask('POST', '/v1/me/app-passwords', past))).status).toBe(422);
  });

  it('that is read-only opens only where the door promises that nothing is written', async () => {
    const who = await owner();
    const { password: secret } = await made(who, { read_only: true });
    expect(await atFtp(who, secret)).toEqual(denied);
    expect(await reasons(who)).toEqual(['app_password_read_only']);
    expect(await atFtp(who, secret, { read_only_enforced: true })).toMatchObject({
      decision: 'allow',
      read_only: true,
    });
  });

  it('revoked is dead at once, with everything that it opened, and the others go on', async () => {
    const who = await owner();
    const [one, two] = [await made(who), await made(who, { label: 'phone' })];
    const ended = opened(await atFtp(who, one.password, { open_session: true }));
    const stays = opened(await atFtp(who, two.password, { open_session: true }));
    expect((await who.ask('DELETE', `/v1/me/app-passwords/${one.id}`)).status).toBe(204);
    expect(await atFtp(who, one.password)).toEqual(denied);
    expect(await house.session(ended.id)).toMatchObject({ end_reason: 'credential_changed' });
    expect((await house.session(stays.id)).ended_at).toBeNull();
    expect((await who.ask('DELETE', `/v1/me/app-passwords/${one.id}`)).status).toBe(404);
    expect((await atFtp(who, two.password)).decision).toBe('allow');
  });

  it("is nobody else's to see or to revoke, nor an FTP session's", async () => {
    const [who, other] = [await owner(), await owner()];
    const { id, password: secret } = await made(who);
    expect((await other.ask('DELETE', `/v1/me/app-passwords/${id}`)).status).toBe(404);
    expect((await other.ask('GET', '/v1/me/app-passwords')).body).toMatchObject({ items: [] });
    const { token } = opened(await atFtp(who, secret, { open_session: true }));
    for (const [method, path] of [
      ['GET', '/v1/me/app-passwords'],
      ['GET', '/v1/me/grants'],
      ['GET', '/v1/me/ssh-keys'],
      ['DELETE', `/v1/me/app-passwords/${id}`],
    ] as const) {
      expect((await house.request(method, path, { token })).status, path).toBe(403);
    }
    const body = { store: 'ftp', label: 'forever' };
    expect((await house.request('POST', '/v1/me/app-passwords', { token, body })).status).toBe(403);
  });

  it('goes with its login, and ends with a suspension', async () => {
    const who = await owner();
    const { id, password: secret } = await made(who);
    const admin = await house.operator('admin');
    await house.request('POST', `/v1/accounts/${who.id}/suspend`, {
      token: admin.token,
      body: { reason: 'x' },
    });
    expect(await atFtp(who, secret)).toEqual(denied);
    await house.request('POST', `/v1/accounts/${who.id}/resume`, { token: admin.token });
    expect((await atFtp(who, secret)).decision).toBe('allow');
    await house.request('DELETE', `/v1/accounts/${who.id}/credentials/ftp/${who.login}`, {
      token: admin.token,
    });
    expect(await atFtp(who, secret)).toEqual(denied);
    const [row] = await house.database.sql`select revoked_at from app_passwords where id = ${id}`;
    expect(row?.revoked_at).not.toBeNull();
  });

  it('is made by somebody who lately showed who he is, and fifty are enough', async () => {
    const who = await owner();
    for (let i = 0; i < 50; i++) await made(who, { label: `program ${i}` });
    const body = { store: 'ftp', label: 'one more' };
    expect(await who.ask('POST', '/v1/me/app-passwords', body)).toMatchObject({
      status: 409,
      body: { code: 'limit_reached' },
    });
    const stale = await owner();
    house.pass(300_001);
    expect(await stale.ask('POST', '/v1/me/app-passwords', body)).toMatchObject({
      status: 403,
      body: { code: 'fresh_authentication_required' },
    });
  });

  it('the cap holds for 20 made at once', async () => {
    const who = await owner();
    for (let i = 0; i < 45; i++) await made(who, { label: `program ${i}` });
    const body = { store: 'ftp', label: 'at once' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => who.ask('POST', '/v1/me/app-passwords', body)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
  });
});

describe('a grant', () => {
  it('lets the password alone in from its address, to its store, while it lasts', async () => {
    const who = await owner();
    expect(await atFtp(who, password)).toEqual({ decision: 'deny', reason: 'second_factor_required' });
    const id = await granted(who);
    const session = opened(await atFtp(who, password, { open_session: true }));
    expect(await house.session(session.id)).toMatchObject({ grant_id: id, method: 'password+grant' });
    expect(new Date(String((await house.session(session.id)).absolute_at))).toEqual(
      new Date(house.now() + 8 * hour),
    );
    const no = { decision: 'deny', reason: 'second_factor_required' };
    expect(await atFtp(who, password, { source_ip: '198.51.100.8' })).toEqual(no);
    expect(await atFtp(who, password, { source_ip: undefined })).toEqual(no);
    expect(await atFtp(who, password, { store: 'ssh' })).toEqual(no);
    expect(await atFtp(who, 'not the right words')).toEqual(denied);
    expect((await who.ask('GET', '/v1/me/grants')).body).toMatchObject({ items: [{ id, source_ip: home }] });
    house.pass(8 * hour);
    expect(await atFtp(who, password)).toEqual(no);
  });

  it('for ssh spares the question there, and nowhere else', async () => {
    const who = await owner();
    await granted(who, { store: 'ssh' });
    const bySsh = { store: 'ssh', can_ask: true } as const;
    expect((await atFtp(who, password, bySsh)).decision).toBe('allow');
    expect((await atFtp(who, password, { ...bySsh, source_ip: '198.51.100.8' })).decision).toBe('challenge');
  });

  it('is one address in any spelling, and never a range', async () => {
    const who = await owner();
    await granted(who, { source_ip: '2001:DB8:0:0::7' });
    expect((await atFtp(who, password, { source_ip: '2001:db8::7' })).decision).toBe('allow');
    expect((await atFtp(who, password, { source_ip: '2001:db8::8' })).decision).toBe('deny');
    for (const source_ip of ['203.0.113.0/24', '0.0.0.0/0', 'example.net', '']) {
      expect((await who.ask('POST', '/v1/me/grants', { store: 'ftp', source_ip, hours: 1 })).status).toBe(
        422,
      );
    }
    for (const more of [{ hours: 0 }, { hours: 25 }, { hours: 1.5 }, { store: 'panel' }]) {
      const answer = await who.ask('POST', '/v1/me/grants', {
        store: 'ftp',
        source_ip: home,
        hours: 1,
        ...more,
      });
      expect(answer.status, JSON.stringify(more)).toBe(422);
    }
  });

  it('taken back, everything under it ends at once', async () => {
    const who = await owner();
    const id = await granted(who);
    const session = opened(await atFtp(who, password, { open_session: true }));
    expect((await who.ask('DELETE', `/v1/me/grants/${id}`)).status).toBe(204);
    expect(await house.session(session.id)).toMatchObject({ end_reason: 'credential_changed' });
    expect((await atFtp(who, password)).decision).toBe('deny');
    expect((await who.ask('DELETE', `/v1/me/grants/${id}`)).status).toBe(404);
  });

  it('needs a second factor, shown within five minutes', async () => {
    const body = { store: 'ftp', source_ip: home, hours: 8 };
    const stale = await owner();
    house.pass(300_001);
    expect(await stale.ask('POST', '/v1/me/grants', body)).toMatchObject({
      status: 403,
      body: { code: 'fresh_authentication_required' },
    });
    const without = await owner({ factor: false });
    expect(await without.ask('POST', '/v1/me/grants', body)).toMatchObject({
      status: 409,
      body: { code: 'second_factor_missing' },
    });
  });
});

it('the owner is told of each by mail, and the audit log by whom', async () => {
  const who = await owner();
  await house.database.sql`update accounts set email = 'owner@example.net' where id = ${who.id}`;
  await made(who);
  await granted(who);
  const mails = await house.database
    .sql`select kind from mails where account_id = ${who.id} and kind = 'access_made'`;
  expect(mails).toHaveLength(2);
  const kinds = (await house.events())
    .filter((event) => event.account_id === who.id)
    .map((event) => event.kind);
  expect(kinds).toEqual(expect.arrayContaining(['app_password.made', 'grant.made']));
});

describe('at once, on PostgreSQL', () => {
  it('no session outlives the app password: 16 revocations against 16 openings each', async () => {
    const who = await owner();
    const node = house.node();
    for (let round = 0; round < 16; round++) {
      const { id, password: secret } = await made(who, { label: `round ${round}` });
      const guess = { login: who.login, password: secret, open_session: true };
      const [answers] = await Promise.all([
        Promise.all(Array.from({ length: 16 }, (_, at) => (at % 2 ? house : node).guess(guess))),
        who.ask('DELETE', `/v1/me/app-passwords/${id}`),
      ]);
      const live = await house.database
        .sql`select id from sessions where app_password_id = ${id} and ended_at is null`;
      expect(
        live,
        `round ${round}: ${answers.filter((each) => each.decision === 'allow').length} let in`,
      ).toEqual([]);
    }
  });

  it('no session outlives the grant: 16 revocations against 16 openings each', async () => {
    const who = await owner();
    for (let round = 0; round < 16; round++) {
      const id = await granted(who);
      const guess = { login: who.login, open_session: true };
      await Promise.all([
        ...Array.from({ length: 16 }, () => house.guess(guess)),
        who.ask('DELETE', `/v1/me/grants/${id}`),
      ]);
      const live = await house.database
        .sql`select id from sessions where grant_id = ${id} and ended_at is null`;
      expect(live).toEqual([]);
    }
  });

  it('one of 16 revocations at once does it', async () => {
    const who = await owner();
    const { id } = await made(who);
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => who.ask('DELETE', `/v1/me/app-passwords/${id}`)),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const told = (await house.events('app_password.revoked')).filter((event) => event.detail?.id === id);
    expect(told).toHaveLength(1);
  });
});
