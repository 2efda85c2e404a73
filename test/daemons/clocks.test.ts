/** Sessions end by themselves, on channels that have no clock of their own too, and say why. */

import { randomBytes } from 'node:crypto';
import { chownSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { ftp, quietFtp, sftpGet, ssh } from './support/clients.ts';
import { missingForDaemons } from './support/host.ts';
import { until } from './support/processes.ts';
import { openSite, type SessionSeen, type Site, sharedUid } from './support/site.ts';

const missing = missingForDaemons();
const password = {
  panel: 'panels open at sunrise',
  ssh: 'seven brown foxes jump',
  ftp: 'files travel at midnight',
};

describe.skipIf(missing !== undefined)('the clocks of sessions', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
    await site.addAccount('ghtcleo', password);
    const file = `${site.folder}/home/ghtcleo/large.bin`;
    writeFileSync(file, randomBytes(8_000_000));
    chownSync(file, sharedUid, sharedUid);
  });
  afterAll(() => site.close());

  const clocks = async (idle: number, absolute: number) => {
    const clock = { standard: { idle_seconds: idle, absolute_seconds: absolute } };
    const patched = await site.call('PATCH', '/v1/policy', {
      stores: { panel: clock, ftp: clock, ssh: clock },
    });
    expect(patched.status).toBe(200);
  };
  const newest = async (channel: string) => {
    const page = await site.call<{ items: SessionSeen[] }>(
      'GET',
      `/v1/sessions?login=ghtcleo&channel=${channel}&limit=1`,
    );
    return page.body.items[0];
  };
  const panelToken = async () => {
    const answer = await site.call<{ session: { token: string } }>(
      'POST',
      '/v1/authenticate',
      { store: 'panel', login: 'ghtcleo', password: password.panel, source_ip: '203.0.113.9' },
      site.client,
    );
    return answer.body.session.token;
  };
  const check = (token: string, touch: boolean) =>
    site.call<{ active: boolean; reason?: string }>(
      'POST',
      '/v1/sessions/check',
      { token, touch },
      site.client,
    );

  const idle = { ...proves('ssh: idle end', 'ProFTPD: idle end'), timeout: 40_000 };
  it(
    'an idle shell, an idle FTP connection and an idle panel session end by themselves and say why',
    idle,
    async () => {
      await clocks(2, 3600);
      const token = await panelToken();
      const shell = ssh(site, 'ghtcleo', password.ssh, undefined, true);
      await shell.says(/\$ /);
      const control = await quietFtp(site, 'ghtcleo', password.ftp);
      await control.closed;
      await shell.over;
      expect(shell.said()).toContain(
        'Gatehouse: you are logged off, since nothing was typed here for too long.',
      );
      expect((await check(token, true)).body).toEqual({ active: false, reason: 'idle' });
      for (const channel of ['ssh', 'ftp', 'panel']) {
        const seen = await until(async () => {
          const session = await newest(channel);
          return session?.end_reason === null ? undefined : session;
        }, `the end of the ${channel} session`);
        expect(seen.end_reason, channel).toBe('idle');
      }
    },
  );

  it('what is in use outlives its idle clock: a download, an FTP transfer, a panel in use', async () => {
    await clocks(2, 3600);
    const token = await panelToken();
    const download = sftpGet(site, 'ghtcleo', password.ssh, 'large.bin', `${site.folder}/cleo.bin`, 200);
    const transfer = ftp(site, 'ghtcleo', password.ftp, 'large.bin');
    for (let i = 0; i < 12; i++) {
      await sleep(500);
      expect((await check(token, true)).body.active).toBe(true);
    }
    expect(download.overAt(), download.said()).toBeUndefined();
    expect(transfer.overAt(), transfer.said()).toBeUndefined();
    await until(async () => (await newest('sftp'))?.end_reason === null, 'the channel to be known as sftp');
    await site.call('POST', '/v1/sessions/end', { select: { host: 'host1' }, reason: 'test' });
    await Promise.all([download.over, transfer.over]);
  }, 40_000);

  const absolute = {
    ...proves('ssh: absolute end', 'sftp: absolute end', 'ProFTPD: absolute end'),
    timeout: 40_000,
  };
  it('the absolute end holds against constant activity', absolute, async () => {
    await clocks(60, 4);
    const began = Date.now();
    const token = await panelToken();
    const shell = ssh(site, 'ghtcleo', password.ssh, undefined, true);
    await shell.says(/\$ /);
    const transfer = ftp(site, 'ghtcleo', password.ftp, 'large.bin');
    const download = sftpGet(site, 'ghtcleo', password.ssh, 'large.bin', `${site.folder}/late.bin`, 200);
    const typing = setInterval(() => {
      shell.write('true\n');
      void check(token, true);
    }, 150);
    await Promise.all([shell.over, transfer.over, download.over]);
    clearInterval(typing);
    expect(shell.said()).toContain('since this session has lasted for as long as it may.');
    const lived = Date.now() - began;
    expect(lived).toBeGreaterThan(3_500);
    expect(lived).toBeLessThan(9_000);
    for (const channel of ['ssh', 'sftp', 'ftp', 'panel']) {
      const seen = await until(async () => {
        const session = await newest(channel);
        return session?.end_reason === null ? undefined : session;
      }, `the end of the ${channel} session`);
      expect(seen.end_reason, channel).toBe('absolute');
    }
  });
});
