/** FTP servers with virtual users: several processes a session, one uid for all, and a login that the daemon cannot end. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachDoor, provesAt } from '../support/doors.ts';
import { ftp, quietFtp } from './support/clients.ts';
import { addTotp } from './support/factor.ts';
import type { FtpServer } from './support/ftp-server.ts';
import { missingForDaemons } from './support/host.ts';
import { members, populated } from './support/kernel.ts';
import { endedBy, over } from './support/orders.ts';
import { until } from './support/processes.ts';
import { startPureFtpd } from './support/pureftpd.ts';
import { openSite, type SessionSeen, type Site } from './support/site.ts';
import { startVsftpd } from './support/vsftpd.ts';

const missing = missingForDaemons();
const password = 'files travel at midnight';
const panelPassword = 'panels open at sunrise';
const sshPassword = 'seven brown foxes jump';

/** `unserved`: what the agent tells it when the service is away. PAM knows a word for that; Pure-FTPd would ask another. */
const servers = {
  // A parent with the rights of root, and a worker.
  vsftpd: { start: startVsftpd, owners: ['ghtvera', 'ghtvito'], unserved: 'unavailable' },
  // A worker, and its child that keeps the rights of root.
  'Pure-FTPd': {
    start: (on: Site) => startPureFtpd(on),
    owners: ['ghtpura', 'ghtpuro'],
    unserved: 'deny',
  },
} as const;

describe.skipIf(missing !== undefined)('an FTP server with virtual users', () => {
  let base: Site;
  beforeAll(async () => {
    base = await openSite();
  });
  afterAll(() => base?.close());

  describe.each(eachDoor('vsftpd', 'Pure-FTPd'))('%s', (door) => {
    const [owner, otherOwner] = servers[door].owners;
    const [login, neighbour] = [`web@${owner}.test`, `shop@${owner}.test`];
    let server: FtpServer;
    let site: Site;
    let account: string;
    let other: string;
    beforeAll(async () => {
      server = await servers[door].start(base);
      site = server.site;
      account = await site.addAccount(owner, { panel: panelPassword, ssh: sshPassword });
      other = await site.addAccount(otherOwner, {});
      await site.addVirtualUser(account, login, password);
      await site.addVirtualUser(other, neighbour, password);
      server.addLargeFile(login, owner);
      server.addLargeFile(neighbour, otherOwner);
    });
    afterAll(() => server?.end());

    const live = (name: string) => site.live(`&login=${name}`);
    const whole = ({ id }: SessionSeen) => members(id).length >= 2;
    const one = (name: string) =>
      until(
        async () => {
          const [session] = await live(name);
          return session !== undefined && whole(session) && session;
        },
        `the session of ${name}, with both of its processes`,
        15_000,
        () => site.agent().said().slice(-1500),
      );
    const end = () => endedBy(site, { account_id: account });
    const clocks = (idle_seconds: number, absolute_seconds: number) =>
      site.call('PATCH', '/v1/policy', { stores: { ftp: { standard: { idle_seconds, absolute_seconds } } } });

    it(
      'lets a virtual user in with his own password alone, as one of his account, and shows the session until he leaves',
      provesAt(door, 'right, wrong, other store'),
      async () => {
        const control = await quietFtp(site, login, password);
        const session = await one(login);
        expect(session).toMatchObject({
          ...{ account_id: account, store: 'ftp', channel: 'ftp', host: 'host1', source_ip: '127.0.0.1' },
        });
        control.say('QUIT');
        await control.closed;
        await over(site, session);
        expect(populated(session.id)).toBe(false);
        const wrong = ['a wrong and long password', sshPassword, panelPassword].map(
          async (each) => [each, await ftp(site, login, each).over] as const,
        );
        for (const [each, code] of await Promise.all(wrong)) expect(code, each).toBe(67);
        expect(await live(login)).toEqual([]);
      },
    );

    // Of the neighbour, whose login nobody has guessed at before.
    it('keeps a suspended account out', provesAt(door, 'suspended'), async () => {
      await site.call('POST', `/v1/accounts/${other}/suspend`, { reason: 'unpaid', level: 'logins' });
      expect(await ftp(site, neighbour, password).over).toBe(67);
      await site.call('POST', `/v1/accounts/${other}/resume`);
      expect(await ftp(site, neighbour, password).over).toBe(0);
      await until(async () => (await live(neighbour)).length === 0, 'it to be over');
    });

    it(
      'ends an idle connection and a download by one order, proved by the kernel, and leaves the neighbour of that uid alone',
      provesAt(door, 'logoff idle, logoff mid-transfer'),
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
          return list.length === 2 && list.every(whole) && list;
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
      provesAt(door, 'idle end, absolute end'),
      async () => {
        await clocks(2, 3600);
        const control = await quietFtp(site, login, password);
        const idle = await one(login);
        await control.closed;
        expect((await over(site, idle)).end_reason).toBe('idle');
        await clocks(60, 3);
        const transfer = ftp(site, login, password, 'large.bin');
        const absolute = await one(login);
        expect(await transfer.over).not.toBe(0);
        expect((await over(site, absolute)).end_reason).toBe('absolute');
        await clocks(900, 3600);
      },
    );

    it(
      'is followed by an agent that was killed and has forgotten everything, and ended by it; meanwhile nobody comes in',
      provesAt(door, 'agent restarted'),
      async () => {
        const control = await quietFtp(site, login, password);
        const session = await one(login);
        await site.agent().end('SIGKILL');
        // Pure-FTPd knocks ten times, a second apart, before it gives up.
        expect(await ftp(site, neighbour, password).over).toBe(67);
        rmSync(`${site.folder}/state`, { recursive: true, force: true });
        await site.startAgent();
        expect((await one(login)).id).toBe(session.id);
        expect(await end()).toEqual(['ended']);
        await control.closed;
        expect(populated(session.id)).toBe(false);
      },
    );

    it(
      'asks for more than the password once the account has a second factor: an app password',
      provesAt(door, 'second factor'),
      async () => {
        const factor = await addTotp(site, owner, panelPassword);
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

    it('lets nobody in without the service', provesAt(door, 'service away'), async () => {
      await site.service().end();
      try {
        expect(await ftp(site, neighbour, password).over).toBe(67);
        const told = new RegExp(`"login":"${neighbour}",(?:"store":"ftp",)?"verdict":"(\\w+)"`, 'g');
        const verdicts = [...site.agent().said().matchAll(told)].map(([, verdict]) => verdict);
        expect(verdicts.at(-1)).toBe(servers[door].unserved);
      } finally {
        await site.startService();
      }
    });
  });
});
