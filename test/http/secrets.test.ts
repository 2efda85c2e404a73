/** Planted secrets: a password, a token, a key and a hash go through every door, also broken ones, and stay unseen. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { log } from '../../src/log.ts';
import { fitTestHouse } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);

const planted = 'PLANTED horse battery staple';
const hash = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
let written = '';

beforeAll(() => {
  // The log's own stream, which writes to descriptor 2.
  log.level = 'trace';
  const stream: object = Reflect.get(log, pino.symbols.streamSym);
  Reflect.set(stream, 'write', (line: string) => {
    written += line;
    return true;
  });
});

it('no door tells a secret to the log, to the audit trail or to an answer', async () => {
  const key = (await house.client(['accounts', 'authenticate', 'sessions'])).token;
  const admin = (await house.operator('admin')).token;
  const account = await house.account('anna', { panel: planted });
  const answers: string[] = [];
  const ask = async (method: string, path: string, body: unknown, token = key) => {
    const headers = { 'idempotency-key': 'k1' };
    const response = await house.request(method, path, { token, body, headers });
    answers.push(await response.text());
    return answers.at(-1) ?? '';
  };
  const login = { store: 'panel', login: 'anna', password: planted, source_ip: '192.0.2.1' };
  const opened = JSON.parse(await ask('POST', '/v1/authenticate', login)) as { session: { token: string } };
  const { token } = opened.session;
  await ask('POST', '/v1/authenticate', { ...login, password: `${planted} wrong` });
  await ask('POST', '/v1/authenticate', { ...login, login: 'nobody' });
  await ask('POST', '/v1/authenticate', { ...login, no_such_field: planted });
  await ask('POST', '/v1/authenticate', `{"password":"${planted}"`);
  await ask('POST', '/v1/sessions/check', { token });
  await ask('POST', '/v1/sessions/check', { token, no_such_field: 1 });
  await ask('PUT', `/v1/accounts/${account}/credentials/ftp`, { password: planted });
  await ask('PUT', `/v1/accounts/${account}/credentials/ftp`, { login: 'other', hash });
  await ask('POST', '/v1/sessions/end', { select: { account_id: account }, reason: 'x' }, admin);
  // A fault and an outage in the middle of what carries them.
  await house.database.sql`alter table credentials rename column scheme to scheme_gone`;
  await ask('PUT', `/v1/accounts/${account}/credentials/ftp`, { login: 'third', hash });
  await ask('PUT', `/v1/accounts/${account}/credentials/ftp`, { login: 'third', password: planted });
  await house.database.sql`alter table credentials rename column scheme_gone to scheme`;
  await house.database.sql`alter table sessions rename column device to device_gone`;
  await ask('POST', '/v1/authenticate', login);
  await house.database.sql`alter table sessions rename column device_gone to device`;
  expect(written).toContain('a fault');
  const rows = JSON.stringify([
    await house.events(),
    await house.database.sql`select * from attempts`,
    await house.database.sql`select * from known_sources`,
    await house.database.sql`select * from orders`,
    await house.database.sql`select principal_id, key, status, body from idempotency`,
  ]);
  const stored = JSON.stringify(await house.database.sql`select * from sessions`);
  const [, ...unopened] = answers;
  const secrets = [planted, key, admin, token, key.slice(4), token.slice(4)];
  for (const secret of [...secrets, hash, hash.slice(7)]) {
    expect(written).not.toContain(secret);
    expect(rows).not.toContain(secret);
  }
  for (const secret of secrets) expect(stored).not.toContain(secret);
  for (const secret of [planted, key, admin, token, hash]) expect(unopened.join('\n')).not.toContain(secret);
});
