/** SFTPGo's hooks against its wire contract: shapes as its source sends them, since it cannot be installed here. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAccount } from '../../src/actions/accounts.ts';
import { setCredential } from '../../src/actions/credentials.ts';
import { appPasswordDigest } from '../../src/domain/app-password.ts';
import { fitTestHouse, panel, value } from '../support/house.ts';
import { send } from './support/callers.ts';

const house = await fitTestHouse();
afterAll(house.close);
const secret = 'files travel at midnight';
let key = '';

beforeAll(async () => {
  key = (await house.client(['authenticate'])).token;
  const unix = { uid: 2001, gid: 2002, home: '/home/alice' };
  const { id } = value(await createAccount(house.ctx(panel), { login: 'alice', unix }));
  for (const store of ['ftp', 'ssh'] as const) {
    value(await setCredential(house.ctx(panel), id, store, { password: secret }));
  }
  await house.account('berta', { ftp: secret });
});

const external = async (body: object) => {
  const asked = {
    ...{ username: 'alice', ip: '198.51.100.7', password: secret, protocol: 'FTP' },
    ...{ public_key: '', keyboard_interactive: '', tls_cert: '' },
    ...body,
  };
  const response = await send(house, '/hooks/sftpgo/external-auth', {
    headers: { 'x-gatehouse-key': key },
    body: asked,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

/** A read-only secret for one program, as its owner makes it. */
async function readOnlyPassword(login: string): Promise<string> {
  const text = 'abcd-efgh-ijkl-mnop-qrst-uvwx';
  const digest = appPasswordDigest(house.house.digestKey, 'ftp', login, text);
  await house.database.sql`
    insert into app_passwords (id, account_id, credential_id, label, secret_hash, read_only, created_at)
    select ${`apw_${login}`}, account_id, id, 'x', ${digest}, true, now() from credentials
     where login = ${login} and store = 'ftp'`;
  return text;
}

it('a user is made from the account, never cached', async () => {
  expect((await external({})).body).toMatchObject({
    ...{ status: 1, username: 'alice', home_dir: '/home/alice', uid: 2001, gid: 2002 },
    permissions: { '/': ['*'] },
    filters: { external_auth_cache_time: 0 },
  });
});

it('what SFTPGo keeps of a user stays, but for what is ours to say; its stored hash does not come back', async () => {
  const user = {
    ...{ id: 7, username: 'alice', home_dir: '/old', password: '$2a$10$stored', quota_size: 5 },
    permissions: { '/': ['list', 'download'] },
    filters: { denied_ip: ['192.0.2.0/24'], external_auth_cache_time: 600 },
  };
  const { body } = await external({ user });
  expect(body).toMatchObject({
    ...{ id: 7, quota_size: 5, home_dir: '/home/alice', permissions: { '/': ['*'] } },
    filters: { denied_ip: ['192.0.2.0/24'], external_auth_cache_time: 0 },
  });
  expect(body).not.toHaveProperty('password');
});

it('an account without a home is let in only as SFTPGo knows it', async () => {
  expect((await external({ username: 'berta' })).body).toEqual({ username: '' });
  const user = { username: 'berta', home_dir: '/srv/berta', permissions: { '/': ['list'] } };
  expect((await external({ username: 'berta', user })).body).toMatchObject({
    ...{ username: 'berta', home_dir: '/srv/berta', permissions: { '/': ['list'] } },
  });
});

it('a read-only app password lists and downloads, and gives all rights back to the next login', async () => {
  const readOnly = await readOnlyPassword('alice');
  const first = await external({ password: readOnly });
  expect(first.body).toMatchObject({ permissions: { '/': ['list', 'download'] } });
  expect((await external({ user: first.body })).body).toMatchObject({ permissions: { '/': ['*'] } });
});

it('a read-only one is refused where its rights are not ours to write, and by check-password', async () => {
  const readOnly = await readOnlyPassword('berta');
  const user = { username: 'berta', home_dir: '/srv/berta', permissions: { '/': ['*'] } };
  expect((await external({ username: 'berta', password: readOnly, user })).body).toEqual({ username: '' });
  const body = { username: 'berta', password: readOnly, ip: '198.51.100.7', protocol: 'FTP' };
  const headers = { 'x-gatehouse-key': key };
  const response = await send(house, '/hooks/sftpgo/check-password', { headers, body });
  expect(await response.json()).toMatchObject({ status: 0 });
});

it('keys, certificates, WebDAV and web pages are none of ours: nobody', async () => {
  for (const body of [
    { password: '', public_key: 'ssh-ed25519 AAAA' },
    { public_key: 'ssh-ed25519 AAAA' },
    { password: '', tls_cert: 'PEM' },
    { keyboard_interactive: '1' },
    { protocol: 'DAV' },
    { protocol: 'HTTP' },
    { protocol: 'constructor' },
  ]) {
    expect(await external(body), JSON.stringify(body)).toEqual({ status: 200, body: { username: '' } });
  }
});

const step = async (body: object, by = key) => {
  const response = await send(house, '/hooks/sftpgo/keyboard-interactive', {
    headers: { 'x-gatehouse-key': by },
    body: { username: 'alice', password: '$2a$10$stored', ...body },
  });
  return { status: response.status, body: (await response.json()) as { auth_result?: number } };
};

it('a talk has an order: no step without the one before, none twice, none under another name or key', async () => {
  const ip = '198.51.100.7';
  expect((await step({ request_id: 'a', step: 2, answers: [secret] })).body.auth_result).toBe(-1);
  expect((await step({ request_id: 'a', step: 1, ip })).body).toMatchObject({
    ...{ auth_result: 0, questions: ['Password: '], echos: [false], check_password: 0 },
  });
  expect((await step({ request_id: 'a', step: 1, ip })).status).not.toBe(200);
  const other = (await house.client(['authenticate'])).token;
  const right = { request_id: 'a', step: 2, answers: [secret] };
  expect((await step(right, other)).body.auth_result).toBe(-1);
  expect((await step({ ...right, username: 'berta' })).body.auth_result).toBe(-1);
  expect((await step({ ...right, answers: [] })).body.auth_result).toBe(-1);
  expect((await step({ ...right, answers: null })).body.auth_result).toBe(-1);
  expect((await step({ ...right, step: 3 })).body.auth_result).toBe(-1);
  house.pass(6 * 60_000);
  expect((await step(right)).body.auth_result).toBe(-1);
  await step({ request_id: 'b', step: 1, ip });
  expect((await step({ ...right, request_id: 'b' })).body.auth_result).toBe(1);
});

it('post-connect turns away shut doors and places that try too many names', async () => {
  const at = async (query: string) => {
    const headers = { 'x-gatehouse-key': key };
    const response = await send(house, `/hooks/sftpgo/post-connect?${query}`, { method: 'GET', headers });
    return { status: response.status, empty: (await response.text()) === '' };
  };
  expect(await at('ip=203.0.113.9&protocol=SSH')).toEqual({ status: 200, empty: false });
  expect((await at('ip=203.0.113.9&protocol=DAV')).status).toBe(403);
  for (let i = 0; i < 60; i++) {
    await house.guess({ login: `name${i}`, password: `x${i}`, source_ip: '203.0.113.9' });
  }
  expect((await at('ip=203.0.113.9&protocol=SSH')).status).toBe(403);
  expect((await at('ip=203.0.115.9&protocol=SSH')).status).toBe(200);
});
