/** Every hook that judges a login: its own store's password opens it, and nothing else in the world does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeStatus } from '../../src/actions/accounts.ts';
import { hooks } from '../../src/hooks/index.ts';
import { giveTotp } from '../support/factors.ts';
import { fitTestHouse, panel, value } from '../support/house.ts';
import { attributes, callers, send } from './support/callers.ts';

const house = await fitTestHouse();
afterAll(house.close);
let key = '';
let noScope = '';
const passwords = {
  ftp: 'files travel at midnight',
  ssh: 'seven brown foxes jump',
  mail: 'letters sleep in boxes',
};
let number = 0;
const newAccount = async () => {
  const login = `u${++number}`;
  return { login, id: await house.account(login, passwords) };
};

beforeAll(async () => {
  key = (await house.client(['authenticate'])).token;
  noScope = (await house.client(['accounts', 'sessions', 'agent', 'messages', 'webhooks'])).token;
});

describe.each(callers.map((caller) => [caller.name, caller] as const))('%s', (_, caller) => {
  const right = passwords[caller.store as keyof typeof passwords];
  const others = Object.values(passwords).filter((each) => each !== right);

  it('the right password: yes', async () => {
    const { login } = await newAccount();
    expect(await caller.ask(house, key, { login, password: right })).toMatchObject({ yes: true });
  });

  it('a wrong password, another store’s, an unknown name, an empty one: no, and all alike', async () => {
    const { login } = await newAccount();
    const heard = [];
    for (const password of ['wrong', ...others]) {
      house.pass(60_000);
      heard.push(await caller.ask(house, key, { login, password }));
    }
    heard.push(await caller.ask(house, key, { login: 'nobody', password: right }));
    for (const each of heard) expect(each).toEqual({ ...heard[0], yes: false });
    expect(await caller.ask(house, key, { login, password: '' })).toMatchObject({ yes: false });
  });

  it('a suspended account: no, as for a wrong password', async () => {
    const { login, id } = await newAccount();
    const wrong = await caller.ask(house, key, { login, password: 'wrong' });
    value(await changeStatus(house.ctx(panel), id, { to: 'suspended', level: 'logins', reason: 'unpaid' }));
    expect(await caller.ask(house, key, { login, password: right })).toEqual({ ...wrong, yes: false });
  });

  it('a second factor: not by the password alone; by the code it asks for, or by both in one field', async () => {
    const { login, id } = await newAccount();
    const generator = await giveTotp(house, id);
    expect(await caller.ask(house, key, { login, password: right })).toMatchObject({ yes: false });
    const asks = caller.name.includes('keyboard');
    const shown = asks ? right : right + generator.code();
    expect(
      await caller.ask(house, key, { login, password: shown }, asks ? '000000' : undefined),
    ).toMatchObject({ yes: !asks });
    if (asks) {
      const good = await caller.ask(house, key, { login, password: right }, generator.code());
      expect(good).toMatchObject({ yes: true });
    }
    const again = await caller.ask(
      house,
      key,
      { login, password: shown },
      asks ? generator.code() : undefined,
    );
    expect(again, 'a code works once').toMatchObject({ yes: false });
  });

  it('too many wrong guesses: the right password waits, too', async () => {
    const { login } = await newAccount();
    const source = `203.0.113.${number}`;
    for (let guess = 0; guess < 6; guess++) {
      await caller.ask(house, key, { login, password: `guess ${guess}`, source });
    }
    expect(await caller.ask(house, key, { login, password: right, source })).toMatchObject({ yes: false });
    house.pass(120_000);
    expect(await caller.ask(house, key, { login, password: right, source })).toMatchObject({ yes: true });
  });

  it('no key, a wrong one, an operator’s, one without the scope: no', async () => {
    const { login } = await newAccount();
    const operator = (await house.operator('admin')).token;
    for (const other of [null, 'x', `ghc_${'x'.repeat(43)}`, operator, noScope]) {
      const heard = await caller.ask(house, key, { login, password: right, key: other });
      expect(heard).toMatchObject({ yes: false });
    }
  });

  it('without the database there is no yes, and nothing tells why', async () => {
    const node = house.node();
    await node.house.database.close();
    const { login } = await newAccount();
    const heard = await caller.ask(node, key, { login, password: right });
    expect(heard.yes).toBe(false);
    expect(heard.text).not.toMatch(/ECONN|CONNECTION|postgres|select/i);
  });
});

it('whatever is sent to any hook, nothing is let in and nothing breaks', async () => {
  const junk = [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '7',
    '{"username":7}',
    '{"a":{"value":[{}]}}',
    'x'.repeat(70_000),
  ];
  const odd = [
    '{"username":"\\u0000","password":"\\ud800","ip":"%","protocol":"SSH"}',
    '{"User-Name":{"value":["\\u0000"]},"User-Password":{"value":["x"]},"NAS-Identifier":{"value":["ftp"]}}',
  ];
  for (const hook of hooks.filter(({ method }) => method === 'post')) {
    for (const body of [...junk, ...odd]) {
      for (const command of [
        '',
        '?command=allow',
        '?command=report',
        '?command=check',
        '?command=event',
        '?command=__proto__',
      ]) {
        if (command !== '' && hook.path !== '/hooks/dovecot') continue;
        const response = await send(house, hook.path + command, {
          headers: { 'x-gatehouse-key': key },
          body,
        });
        const text = await response.text();
        expect(response.status, `${hook.path}${command} ${body.slice(0, 40)}: ${text}`).not.toBe(500);
        expect(response.headers.get('cache-control')).toBe('no-store');
        expect(response.headers.get('x-request-id')).toMatch(/^req_/);
        if (response.status === 200) expect(text).not.toBe('');
        expect(text).not.toMatch(/decision=allow|"status":1[,}]|"auth_result":1/);
      }
    }
  }
});

it('the key travels as a header, as basic authentication, as a bearer, as an API key or in the URL', async () => {
  const { login } = await newAccount();
  const body = { username: login, password: passwords.ssh, ip: '198.51.100.9', protocol: 'SSH' };
  const ways = [
    { 'x-gatehouse-key': key },
    { 'x-api-key': key },
    { authorization: `Bearer ${key}` },
    { authorization: `Basic ${Buffer.from(`gatehouse:${key}`).toString('base64')}` },
  ];
  for (const headers of ways) {
    const response = await send(house, '/hooks/sftpgo/check-password', { headers, body });
    expect(await response.json()).toMatchObject({ status: 1 });
  }
  const inUrl = await send(house, `/hooks/sftpgo/check-password?key=${key}`, { body });
  expect(await inUrl.json()).toMatchObject({ status: 1 });
});

it('ATTACK: RADIUS: who began with a name of his own is not let in under another one, nor at another door', async () => {
  const mine = await newAccount();
  const other = await newAccount();
  const generator = await giveTotp(house, mine.id);
  const ask = async (more: Record<string, string>) => {
    const body = attributes({ 'NAS-Identifier': 'ftp', 'Calling-Station-Id': '198.51.100.7', ...more });
    const headers = { 'x-gatehouse-key': key };
    return send(house, '/hooks/radius/authenticate?challenge=yes', { headers, body });
  };
  const first = await ask({ 'User-Name': mine.login, 'User-Password': passwords.ftp });
  const asked = (await first.json()) as Record<string, { value: string[] }>;
  const State = asked['reply:State']?.value[0] ?? '';
  const answer = { 'User-Password': generator.code(), State };
  expect((await ask({ ...answer, 'User-Name': other.login })).status).toBe(401);
  expect((await ask({ ...answer, 'User-Name': mine.login, 'NAS-Identifier': 'ssh2' })).status).toBe(401);
  expect((await ask({ ...answer, 'User-Name': mine.login.toUpperCase() })).status).toBe(200);
});

it('a revoked key is refused from then on', async () => {
  const { id, token } = await house.client(['authenticate']);
  const { login } = await newAccount();
  const [first] = callers;
  expect(await first?.ask(house, token, { login, password: passwords.mail })).toMatchObject({ yes: true });
  await house.database.sql`update clients set revoked_at = now() where id = ${id}`;
  expect(await first?.ask(house, token, { login, password: passwords.mail })).toMatchObject({ yes: false });
});
