/** Whatever dies in the middle of a logoff, the order is carried out; and nothing opens a door meanwhile. */
import { randomBytes } from 'node:crypto';
import { chownSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { ftp, sftpGet, sftpList, ssh } from './support/clients.ts';
import { missingForDaemons } from './support/host.ts';
import { populated } from './support/kernel.ts';
import { logoff, orderIn, orderOf } from './support/orders.ts';
import { until } from './support/processes.ts';
import { openSite, type Site, sharedUid } from './support/site.ts';

const missing = missingForDaemons();
const password = { ssh: 'seven brown foxes jump', ftp: 'files travel at midnight' };

describe.skipIf(missing !== undefined)('outages', () => {
  let site: Site;
  let dora: string;
  beforeAll(async () => {
    site = await openSite();
    dora = await site.addAccount('ghtdora', password);
    const file = `${site.folder}/home/ghtdora/large.bin`;
    writeFileSync(file, randomBytes(8_000_000));
    chownSync(file, sharedUid, sharedUid);
  });
  afterAll(() => site.close());

  async function threeSessions() {
    const shell = ssh(site, 'ghtdora', password.ssh, 'echo in; (setsid sleep 88001 &) ; sleep 88002');
    await shell.says(/in/);
    const transfer = ftp(site, 'ghtdora', password.ftp, 'large.bin');
    const download = sftpGet(site, 'ghtdora', password.ssh, 'large.bin', `${site.folder}/dora.bin`, 200);
    const sessions = await until(async () => {
      const live = await site.live('&login=ghtdora');
      return live.length === 3 && live.every(({ id }) => populated(id)) ? live : undefined;
    }, 'three sessions');
    return { shell, transfer, download, sessions };
  }

  const end = () => logoff(site, { account_id: dora });
  const done = (id: string) => orderIn('done', site, id, () => site.agent().said().slice(-2000), 40_000);

  const restarted = {
    ...proves('ssh: agent restarted', 'sftp: agent restarted', 'ProFTPD: agent restarted'),
    timeout: 90_000,
  };
  it(
    'an agent that is away: its logins are refused, the order waits as unreachable, and is carried out when it returns',
    restarted,
    async () => {
      const { shell, transfer, download, sessions } = await threeSessions();
      await site.agent().end('SIGKILL');
      const id = await end();
      expect((await orderOf(site, id)).receipts.map(({ state }) => state)).not.toContain('ended');
      expect(shell.overAt()).toBeUndefined();
      expect(await ssh(site, 'ghtdora', password.ssh, 'true').over).not.toBe(0);
      expect(await sftpList(site, 'ghtdora', password.ssh).over).not.toBe(0);
      expect(await ftp(site, 'ghtdora', password.ftp).over).not.toBe(0);
      await site.startAgent();
      await Promise.all([shell.over, transfer.over, download.over]);
      await done(id);
      for (const session of sessions) expect(populated(session.id)).toBe(false);
    },
  );

  it('a service killed right after the order was answered', async () => {
    const { shell, transfer, download } = await threeSessions();
    const id = await end();
    await site.service().end('SIGKILL');
    expect(await ssh(site, 'ghtdora', password.ssh, 'true').over).not.toBe(0);
    await site.startService();
    await Promise.all([shell.over, transfer.over, download.over]);
    await done(id);
  }, 90_000);

  const away = {
    ...proves('ssh: service away', 'sftp: service away', 'ProFTPD: service away'),
    timeout: 120_000,
  };
  it(
    'a service that is away: live sessions go on, new logins are refused; both come back with it',
    away,
    async () => {
      const { shell, transfer, download, sessions } = await threeSessions();
      await site.service().end('SIGKILL');
      expect(await ftp(site, 'ghtdora', password.ftp).over).not.toBe(0);
      expect(await ssh(site, 'ghtdora', password.ssh, 'true').over).not.toBe(0);
      expect(await sftpList(site, 'ghtdora', password.ssh).over).not.toBe(0);
      for (const each of [shell, transfer, download]) expect(each.overAt()).toBeUndefined();
      for (const session of sessions) expect(populated(session.id)).toBe(true);
      await site.startService();
      await until(
        async () => (await ssh(site, 'ghtdora', password.ssh, 'true').over) === 0,
        'logins to work again',
        40_000,
      );
      const id = await end();
      await Promise.all([shell.over, transfer.over, download.over]);
      await done(id);
    },
  );

  it('a session closed while the agent was away is reported closed', async () => {
    const { shell, transfer, download } = await threeSessions();
    await site.agent().end('SIGKILL');
    await transfer.end();
    for (const each of [shell, download]) await each.end('SIGKILL');
    await site.startAgent();
    await until(
      async () => (await site.live('&login=ghtdora&channel=ftp')).length === 0,
      'the FTP session to be closed',
      40_000,
    );
    const id = await end();
    await done(id);
  }, 90_000);
});
