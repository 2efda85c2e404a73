/** A real FreeRADIUS: rlm_rest asks here, the NAS gets the clocks, accounting follows the session. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { addTotp } from './support/factor.ts';
import {
  radclient as ask,
  classOf,
  freeUdpPort,
  shippedRadius,
  startFreeradius,
} from './support/freeradius.ts';
import { type Front, missingPrograms, openFront } from './support/front.ts';
import { logoff, orderOf } from './support/orders.ts';
import type { Program } from './support/processes.ts';

const missing = missingPrograms([
  '/usr/sbin/freeradius',
  '/usr/lib/freeradius/rlm_rest.so',
  '/usr/bin/radclient',
]);
const password = {
  ftp: 'files travel at midnight',
  mail: 'letters sleep in boxes',
  panel: 'doors of green paper',
};
let number = 0;

describe.skipIf(missing !== undefined)('FreeRADIUS', () => {
  let front: Front;
  let server: Program;
  /** Its NAS can put a question to the customer. */
  let asking: Program;
  const port = { auth: 0, acct: 0, challenge: 0 };
  const newLogin = async () => {
    const login = `nas${++number}`;
    return { login, id: await front.addAccount(login, password) };
  };

  beforeAll(async () => {
    front = await openFront();
    Object.assign(port, { auth: await freeUdpPort(), acct: await freeUdpPort() });
    server = await startFreeradius(front.folder, 'auth', shippedRadius(front, port));
    port.challenge = await freeUdpPort();
    const other = { auth: port.challenge, acct: await freeUdpPort() };
    asking = await startFreeradius(front.folder, 'challenge', shippedRadius(front, other, '?challenge=yes'));
  }, 120_000);
  afterAll(async () => {
    await server?.end();
    await asking?.end();
    await front?.close();
  });

  /** `radclient` with these attributes; what it printed. */
  const radclient = (kind: keyof typeof port, attributes: Readonly<Record<string, string>>) =>
    ask(kind === 'acct' ? 'acct' : 'auth', port[kind], {
      ...{ 'NAS-Identifier': 'ftp', 'Calling-Station-Id': '198.51.100.20' },
      ...attributes,
    });
  const login = (name: string, shown: string, more: Readonly<Record<string, string>> = {}) =>
    radclient('auth', { 'User-Name': name, 'User-Password': shown, ...more });

  it(
    'the right password: in, with the clocks of the policy and the session’s id',
    proves('FreeRADIUS: right'),
    async () => {
      const { login: name, id } = await newLogin();
      const said = await login(name, password.ftp);
      expect(said, server.said().slice(-2000)).toMatch(/Received Access-Accept/);
      expect(said).toMatch(/Idle-Timeout = 300\b/);
      expect(said).toMatch(/Session-Timeout = \d{4,5}\b/);
      const [session] = await front.live(`&login=${name}`);
      expect(session).toMatchObject({
        account_id: id,
        ...{ channel: 'ftp', host: 'ftp', source_ip: '198.51.100.20' },
      });
      expect(Buffer.from(classOf(said).slice(2), 'hex').toString()).toBe(session?.id);
    },
  );

  it(
    'a wrong password, another store’s, a name that is not there: rejected alike',
    proves('FreeRADIUS: wrong, other store'),
    async () => {
      const { login: name } = await newLogin();
      for (const [who, shown] of [
        [name, 'wrong'],
        [name, password.mail],
        ['nobody', password.ftp],
      ] as const) {
        const said = await login(who, shown);
        expect(said).toMatch(/Received Access-Reject/);
        expect(said).toMatch(/Reply-Message = "Invalid login or password"/);
      }
      expect(await front.live(`&login=${name}`)).toEqual([]);
    },
  );

  it(
    'a suspended account, and one that guessed too much: rejected',
    proves('FreeRADIUS: suspended'),
    async () => {
      const { login: name, id } = await newLogin();
      await front.call('POST', `/v1/accounts/${id}/suspend`, { reason: 'unpaid', level: 'logins' });
      expect(await login(name, password.ftp)).toMatch(/Received Access-Reject/);
      const { login: other } = await newLogin();
      const from = { 'Calling-Station-Id': '198.51.100.21' };
      await front.lockAfter(3);
      for (let i = 0; i < 4; i++) await login(other, `guess ${i}`, from);
      expect(await login(other, password.ftp, from)).toMatch(/Access-Reject[\s\S]*Try again in \d+ s/);
      await front.lockAfter(null);
    },
  );

  it(
    'a second factor: asked for where the NAS can, in one field with the password where it cannot',
    proves('FreeRADIUS: second factor'),
    async () => {
      const { login: name } = await newLogin();
      const factor = await addTotp(front, name, password.panel);
      expect(await login(name, password.ftp)).toMatch(/Access-Reject[\s\S]*Use an app password/);
      const first = { 'User-Name': name, 'User-Password': password.ftp };
      const asked = await radclient('challenge', first);
      expect(asked).toMatch(/Received Access-Challenge/);
      const State = /State = (0x[0-9a-f]+)/.exec(asked)?.[1] ?? '';
      const answer = (code: string) =>
        radclient('challenge', { 'User-Name': name, 'User-Password': code, State });
      expect(await answer('000000')).toMatch(/Received Access-Reject/);
      const code = factor.code();
      expect(await answer(code)).toMatch(/Received Access-Accept[\s\S]*Class = 0x/);
      expect(await answer(code)).toMatch(/Received Access-Reject/);
      const { login: other } = await newLogin();
      const another = await addTotp(front, other, password.panel);
      expect(await login(other, password.ftp + another.code())).toMatch(/Received Access-Accept/);
    },
  );

  it('CHAP cannot be judged, and is not', async () => {
    const { login: name } = await newLogin();
    const said = await radclient('auth', { 'User-Name': name, 'CHAP-Password': password.ftp });
    expect(said).toMatch(/Received Access-Reject/);
  });

  it('text that FreeRADIUS might take for a template stays text', async () => {
    const odd = '%{User-Name} `id` "x"';
    await front.addAccount('template', { ftp: odd });
    expect(await login('template', odd.replaceAll('"', "'"))).toMatch(/Received Access-Reject/);
    const plain = '%{User-Name} and `id`';
    await front.addAccount('template2', { ftp: plain });
    expect(await login('template2', plain)).toMatch(/Received Access-Accept/);
    expect(await login('%{User-Name}', plain)).toMatch(/Received Access-Reject/);
  });

  it('accounting: seen while it lives, closed when the NAS says so', async () => {
    const { login: name } = await newLogin();
    const id = classOf(await login(name, password.ftp));
    const told = (status: string, more: Readonly<Record<string, string>> = {}) =>
      radclient('acct', {
        'User-Name': name,
        'Acct-Session-Id': '4711',
        Class: id,
        ...more,
        'Acct-Status-Type': status,
      });
    expect(await told('Start')).toMatch(/Received Accounting-Response/);
    expect(await told('Interim-Update')).toMatch(/Received Accounting-Response/);
    expect(await front.live(`&login=${name}`)).toHaveLength(1);
    expect(await told('Stop', { 'Acct-Terminate-Cause': 'Idle-Timeout' })).toMatch(/Accounting-Response/);
    expect(await front.live(`&login=${name}`)).toEqual([]);
    const all = await front.call<{ items: { end_reason: string; door: string }[] }>(
      'GET',
      `/v1/sessions?login=${name}`,
    );
    expect(all.body.items[0]).toMatchObject({ end_reason: 'closed', door: 'ended' });
  });

  it('a forced logoff is proved by the accounting stop, and not before', async () => {
    const { login: name, id } = await newLogin();
    const said = await login(name, password.ftp);
    const order = await logoff(front, { account_id: id });
    const state = async () => (await orderOf(front, order)).receipts[0]?.state;
    expect(await state()).not.toBe('ended');
    await radclient('acct', { 'User-Name': name, Class: classOf(said), 'Acct-Status-Type': 'Stop' });
    expect(await state()).toBe('ended');
  });

  it('the service away: rejected, and back with it', proves('FreeRADIUS: service away'), async () => {
    const { login: name } = await newLogin();
    await front.service().end('SIGKILL');
    expect(await login(name, password.ftp)).not.toMatch(/Received Access-Accept/);
    await front.startService();
    expect(await login(name, password.ftp)).toMatch(/Received Access-Accept/);
  });

  it('no password and no key is in a log', () => {
    for (const said of [server.said(), front.service().said()]) {
      for (const one of [password.ftp, password.mail, front.key]) expect(said).not.toContain(one);
    }
  });
});
