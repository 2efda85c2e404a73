/** vsftpd with virtual users: a root parent and a worker a session, one uid for all, and no list of sessions of its own. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { ftp, quietFtp } from './support/clients.ts';
import { addTotp } from './support/factor.ts';
import { missingForDaemons } from './support/host.ts';
import { members, populated } from './support/kernel.ts';
import { until } from './support/processes.ts';
import { openSite, type SessionSeen, type Site } from './support/site.ts';
import { startVsftpd, type Vsftpd } from './support/vsftpd.ts';

const missing = missingForDaemons();
const login = 'web@example.test';
const neighbour = 'shop@example.test';
const password = 'files travel at midnight';
const panelPassword = 'panels open at sunrise';

describe.skipIf(missing !== undefined)('vsftpd', () => {
  let site: Site;
  let vsftpd: Vsftpd;
  let account: string;
  let other: string;
  beforeAll(async () => {
    const base = await openSite();
    vsftpd = await startVsftpd(base);
    site = vsftpd.site;
    account = await site.addAccount('ghtvera', { panel: panelPassword, ssh: 'seven brown foxes jump' });
    other = await site.addAccount('ghtvito', {});
    await site.addVirtualUser(account, login, password);
    await site.addVirtualUser(other, neighbour, password);
    for (const name of [login, neighbour]) vsftpd.addHome(name, randomBytes(8_000_000));
  });
  afterAll(async () => {
    await vsftpd?.end();
    await site?.close();
  });

  const live = (name: string) => site.live(`&login=${name}`);
  const one = (name: string) =>
    until(
      async () => {
        const [session] = await live(name);
        return session !== undefined && members(session.id).length >= 2 ? session : undefined;
      },
      `the session of ${name}, its parent and its worker`,
      15_000,
      () => site.agent().said().slice(-1500),
    );
  const over = (session: SessionSeen) =>
    until(async () => {
      const page = await site.call<{ items: SessionSeen[] }>(
        'GET',
        `/v1/sessions?login=${session.login}&limit=200`,
      );
      return page.body.items.find(({ id, ended_at }) => id === session.id && ended_at !== null);
    }, 'its end');
  const end = async () => {
    const select = { account_id: account };
    const answer = await site.call<{ order: { id: string } }>('POST', '/v1/sessions/end', {
      select,
      reason: 'test',
    });
    return until(async () => {
      const { body } = await site.call<{ state: string; receipts: { state: string }[] }>(
        'GET',
        `/v1/orders/${answer.body.order.id}`,
      );
      return body.state === 'pending' ? undefined : body.receipts.map(({ state }) => state);
    }, 'every receipt');
  };
  const clocks = (idle: number, absolute: number) =>
    site.call('PATCH', '/v1/policy', {
      stores: { ftp: { standard: { idle_seconds: idle, absolute_seconds: absolute } } },
    });

  it(
    'lets a virtual user in with his own password alone, and shows the session until he leaves',
    proves('vsftpd: right, wrong, other store'),
    async () => {
      const control = await quietFtp(site, login, password);
      const session = await one(login);
      expect(session).toMatchObject({
        account_id: account,
        store: 'ftp',
        channel: 'ftp',
        host: 'host1',
        source_ip: '127.0.0.1',
      });
      control.say('QUIT');
      await control.closed;
      await over(session);
      expect(populated(session.id)).toBe(false);
      for (const wrong of ['a wrong and long password', 'seven brown foxes jump', panelPassword]) {
        expect(await ftp(site, login, wrong).over, wrong).toBe(67);
      }
      expect(await live(login)).toEqual([]);
    },
  );

  it('keeps a suspended account out', proves('vsftpd: suspended'), async () => {
    await site.call('POST', `/v1/accounts/${account}/suspend`, { reason: 'unpaid', level: 'logins' });
    expect(await ftp(site, login, password).over).toBe(67);
    await site.call('POST', `/v1/accounts/${account}/resume`);
    expect(await ftp(site, login, password).over).toBe(0);
  });

  it(
    'ends an idle connection and a download by one order, proved by the kernel, and leaves the neighbour of that uid alone',
    proves('vsftpd: logoff idle, logoff mid-transfer'),
    async () => {
      const theirs = await quietFtp(site, neighbour, password);
      const kept = await one(neighbour);
      let theirEnd = false;
      void theirs.closed.then(() => {
        theirEnd = true;
      });
      const control = await quietFtp(site, login, password);
      const transfer = ftp(site, login, password, 'large.bin');
      const sessions = await until(async () => {
        const list = await live(login);
        return list.length === 2 && list.every(({ id }) => members(id).length >= 2) ? list : undefined;
      }, 'both sessions');
      expect(await end()).toEqual(['ended', 'ended']);
      await control.closed;
      expect(await transfer.over).not.toBe(0);
      for (const { id } of sessions) expect(populated(id), id).toBe(false);
      expect(theirEnd).toBe(false);
      expect((await live(neighbour)).map(({ id }) => id)).toEqual([kept.id]);
      theirs.say('QUIT');
      await theirs.closed;
    },
  );

  it(
    'ends at the idle and, under a download, at the absolute end, and says which',
    proves('vsftpd: idle end, absolute end'),
    async () => {
      await clocks(2, 3600);
      const control = await quietFtp(site, login, password);
      const idle = await one(login);
      await control.closed;
      expect((await over(idle)).end_reason).toBe('idle');
      await clocks(60, 3);
      const transfer = ftp(site, login, password, 'large.bin');
      const absolute = await one(login);
      expect(await transfer.over).not.toBe(0);
      expect((await over(absolute)).end_reason).toBe('absolute');
      await clocks(900, 3600);
    },
  );

  it(
    'is followed by an agent that was killed and has forgotten everything, and ended by it',
    proves('vsftpd: agent restarted'),
    async () => {
      const control = await quietFtp(site, login, password);
      const session = await one(login);
      await site.agent().end('SIGKILL');
      rmSync(`${site.folder}/state`, { recursive: true, force: true });
      await site.startAgent();
      expect((await one(login)).id).toBe(session.id);
      expect(await until(end, 'the receipts')).toEqual(['ended']);
      await control.closed;
      expect(populated(session.id)).toBe(false);
    },
  );

  it(
    'asks for more than the password once the account has a second factor: an app password',
    proves('vsftpd: second factor'),
    async () => {
      const factor = await addTotp(site, 'ghtvera', panelPassword);
      expect(await ftp(site, login, password).over).toBe(67);
      const made = await site.call<{ password: string }>(
        'POST',
        '/v1/me/app-passwords',
        { store: 'ftp', label: 'editor', login },
        factor.token,
      );
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      expect(await ftp(site, login, made.body.password).over).toBe(0);
    },
  );

  it('lets nobody in without the service', proves('vsftpd: service away'), async () => {
    await site.service().end();
    expect(await ftp(site, neighbour, password).over).toBe(67);
    await site.startService();
  });
});
