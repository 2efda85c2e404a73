/** Dovecot's policy client, where Dovecot judges passwords itself: its misses count as ours do, over all doors. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { giveTotp } from '../support/factors.ts';
import { fitTestHouse, panel, password, value } from '../support/house.ts';
import { send } from './support/callers.ts';

const house = await fitTestHouse();
afterAll(house.close);
let key = '';
let number = 0;

beforeAll(async () => {
  key = (await house.client(['authenticate'])).token;
});

const newLogin = async () => {
  const login = `p${++number}`;
  return { login, id: await house.account(login, { mail: password, ftp: password }) };
};
const ask = async (command: string, body: object, more = '') => {
  const response = await send(house, `/hooks/dovecot?${more}command=${command}`, {
    headers: { 'x-api-key': key },
    body: {
      ...{ device_id: '', protocol: 'imap', remote: '192.0.2.7', session_id: 'x', tls: false },
      ...body,
    },
  });
  return { status: response.status, body: (await response.json()) as { status: number; msg?: string } };
};
const report = (login: string, pwhash: string, more: object = {}, query = '') =>
  ask(
    'report',
    { login, pwhash, success: false, policy_reject: false, fail_type: 'credentials', ...more },
    query,
  );
const allow = async (login: string, query = '', remote = '192.0.2.7') =>
  (await ask('allow', { login, pwhash: '0b46', remote }, query)).body.status;

it('distinct wrong passwords shut it, here and on every other door; the same one again does not', async () => {
  const { login } = await newLogin();
  for (let i = 0; i < 8; i++) await report(login, '0b46');
  expect(await allow(login)).toBe(0);
  const other = await newLogin();
  for (const pwhash of ['0001', '0002', '0003', '0004']) await report(other.login, pwhash);
  expect(await allow(other.login)).toBe(-1);
  expect(await house.guess({ login: other.login, source_ip: '192.0.2.7' })).toMatchObject({
    decision: 'throttled',
  });
});

it('sixteen reports at once are sixteen guesses', async () => {
  const { login } = await newLogin();
  const hashes = Array.from({ length: 16 }, (_, i) => `01${i.toString(16).padStart(2, '0')}`);
  await Promise.all(hashes.map((pwhash) => report(login, pwhash)));
  const [row] = await house.database.sql<{ failures: number }[]>`
    select failures from attempts where key = ${`name:${login}`}`;
  expect(row?.failures).toBeGreaterThanOrEqual(3);
  expect(await allow(login)).toBe(-1);
});

it('what was judged here, refused by policy, or broken inside is not counted again', async () => {
  const { login } = await newLogin();
  for (const pwhash of ['0001', '0002', '0003', '0004', '0005']) {
    await report(login, pwhash, {}, 'passdb=gatehouse&');
    await report(login, pwhash, { policy_reject: true });
    await report(login, pwhash, { fail_type: 'internal' });
    await report(login, pwhash, { fail_type: '' });
  }
  expect(await allow(login)).toBe(0);
});

it('a good one starts afresh', async () => {
  const { login } = await newLogin();
  for (const pwhash of ['0001', '0002', '0003']) await report(login, pwhash);
  expect(await allow(login)).toBe(-1);
  house.pass(60_000);
  await report(login, '0b46', { success: true, fail_type: '' });
  for (const pwhash of ['0001', '0002']) await report(login, pwhash);
  expect(await allow(login)).toBe(0);
});

it('names that are not there count against the place that tries them', async () => {
  for (let i = 0; i < 60; i++) {
    await report(`ghost${i}`, '0001', { fail_type: 'account', remote: '203.0.113.77' });
  }
  const { login } = await newLogin();
  expect(await allow(login, '', '203.0.113.77')).toBe(-1);
  expect(await allow(login, '', '203.0.114.1')).toBe(0);
});

it('a suspended account: refused where Dovecot judges; left to the passdb where we do, so that it looks like any other', async () => {
  const { login, id } = await newLogin();
  value(await changeStatus(house.ctx(panel), id, { to: 'suspended', level: 'logins', reason: 'unpaid' }));
  expect(await allow(login)).toBe(-1);
  expect(await allow(login, 'passdb=gatehouse&')).toBe(0);
  expect(await allow('nobody', 'passdb=gatehouse&')).toBe(0);
});

it('never a tarpit, whatever is asked', async () => {
  for (const body of [
    { login: 'x' },
    { login: 'x', pwhash: 'zz' },
    { login: '' },
    { login: 'x', remote: 'unix' },
  ]) {
    const answer = await ask('allow', body);
    expect(answer.body.status).toBeLessThanOrEqual(0);
  }
});

it('a second factor is owed there as well: the daemon knows of none', async () => {
  const { login, id } = await newLogin();
  await giveTotp(house, id);
  expect(await allow(login)).toBe(-1);
  // The password itself comes here afterwards, and an app password may be what was typed.
  expect(await allow(login, 'passdb=gatehouse&')).toBe(0);
  const until = new Date(house.now() + 3_600_000).toISOString();
  await house.database.sql`
    insert into grants (id, account_id, store, source_ip, session_id, created_at, expires_at)
    values (${`grt_${login}`}, ${id}, 'mail', '192.0.2.7', 'ses_x', now(), ${until})`;
  expect(await allow(login)).toBe(0);
  expect(await allow(login, '', '192.0.2.8')).toBe(-1);
});
