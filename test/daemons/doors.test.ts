/** Every door takes its own store's password and no other, and shows the session it opened. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { ftp, giveKey, sftpList, ssh, sshWithKey } from './support/clients.ts';
import { missingForDaemons } from './support/host.ts';
import { until } from './support/processes.ts';
import { openSite, type Site } from './support/site.ts';

const missing = missingForDaemons();
const sshPassword = 'seven brown foxes jump';
const ftpPassword = 'files travel at midnight';

describe.skipIf(missing !== undefined)('the doors of a hosting machine', () => {
  let site: Site;
  let alice: string;
  beforeAll(async () => {
    site = await openSite();
    alice = await site.addAccount('ghtalice', { ssh: sshPassword, ftp: ftpPassword });
  });
  afterAll(() => site.close());

  it(
    'ssh takes the password of the ssh store, and the session shows host, channel and address',
    proves('ssh: right'),
    async () => {
      const shell = ssh(site, 'ghtalice', sshPassword, 'echo in; read line');
      await shell.says(/in/);
      const [seen] = await site.live('&login=ghtalice');
      expect(seen).toMatchObject({
        account_id: alice,
        channel: 'ssh',
        store: 'ssh',
        host: 'host1',
        source_ip: '127.0.0.1',
      });
      shell.write('over\n', true);
      expect(await shell.over).toBe(0);
      await until(
        async () => (await site.live('&login=ghtalice')).length === 0,
        'the session to be reported closed',
      );
    },
  );

  it(
    'ssh refuses a wrong password and that of another store',
    proves('ssh: wrong, other store'),
    async () => {
      for (const each of ['a wrong and long password', ftpPassword]) {
        const shell = ssh(site, 'ghtalice', each, 'echo in');
        expect(await shell.over, each).not.toBe(0);
        expect(shell.said()).not.toContain('in\n');
      }
    },
  );

  it(
    'sftp takes the password of the ssh store and no other',
    proves('sftp: right, wrong, other store'),
    async () => {
      const listing = sftpList(site, 'ghtalice', sshPassword);
      expect(await listing.over, listing.said()).toBe(0);
      for (const each of ['a wrong and long password', ftpPassword])
        expect(await sftpList(site, 'ghtalice', each).over, each).not.toBe(0);
    },
  );

  it(
    'FTP takes the password of the ftp store, and the session shows host, channel and address',
    proves('ProFTPD: right'),
    async () => {
      const listing = ftp(site, 'ghtalice', ftpPassword);
      expect(await listing.over, listing.said()).toBe(0);
      const { body } = await site.call<{ items: Record<string, unknown>[] }>(
        'GET',
        '/v1/sessions?channel=ftp',
      );
      expect(body.items[0]).toMatchObject({
        account_id: alice,
        channel: 'ftp',
        host: 'host1',
        source_ip: '127.0.0.1',
      });
    },
  );

  it(
    'FTP refuses a wrong password and that of another store',
    proves('ProFTPD: wrong, other store'),
    async () => {
      for (const each of ['a wrong and long password', sshPassword])
        expect(await ftp(site, 'ghtalice', each).over, each).toBe(67);
    },
  );

  it('a virtual FTP user without a system user logs in with the password of its own login', async () => {
    await site.addVirtualUser(alice, 'web@example.test', 'a third and longer secret');
    expect(await ftp(site, 'web@example.test', 'a third and longer secret').over).toBe(0);
    expect(await ftp(site, 'web@example.test', ftpPassword).over).toBe(67);
  });

  it('a key login passes the account check: it works, and stops working when the account is suspended', async () => {
    giveKey(site, 'ghtalice');
    const before = sshWithKey(site, 'ghtalice', 'echo by key');
    expect(await before.over, before.said() + site.sshd().said()).toBe(0);
    await site.call('POST', `/v1/accounts/${alice}/suspend`, { reason: 'unpaid', level: 'logins' });
    const after = sshWithKey(site, 'ghtalice', 'echo by key');
    expect(await after.over).not.toBe(0);
    expect(after.said()).not.toContain('by key');
    await site.call('POST', `/v1/accounts/${alice}/resume`);
    expect(await sshWithKey(site, 'ghtalice', 'true').over).toBe(0);
  });

  it('a connection that sshd keeps though its session was refused is ended: no tunnel without a session', async () => {
    const port = await site.startLenientSshd();
    await until(async () => (await site.live('&login=ghtalice')).length === 0, 'earlier sessions to be over');
    const open = sshWithKey(site, 'ghtalice', '-N', port);
    await until(async () => (await site.live('&login=ghtalice')).length === 1, 'the tunnel to be a session');
    await site.call('POST', `/v1/accounts/${alice}/suspend`, { reason: 'unpaid', level: 'logins' });
    const refused = sshWithKey(site, 'ghtalice', '-N', port);
    await refused.over;
    expect(open.overAt()).toBeUndefined();
    expect((await site.live('&login=ghtalice')).length).toBe(1);
    await site.call('POST', `/v1/accounts/${alice}/resume`);
    await site.call('POST', '/v1/sessions/end', { select: { account_id: alice }, reason: 'test' });
    await open.over;
  });

  it('no password is in the log of the service, the agent or sshd', () => {
    const said = site.service().said() + site.agent().said() + site.sshd().said();
    expect(said).toContain('ghtalice');
    expect(said).not.toContain(sshPassword);
    expect(said).not.toContain(ftpPassword);
  });
});
