/** Pure-FTPd asks the agent by extauth: no PAM, no word from it when a session ends, and a child that began before the login. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { ftp, quietFtp } from './support/clients.ts';
import { addTotp } from './support/factor.ts';
import { missingForDaemons } from './support/host.ts';
import { members, populated } from './support/kernel.ts';
import { until } from './support/processes.ts';
import { type PureFtpd, startPureFtpd } from './support/pureftpd.ts';
import { openSite, type SessionSeen, type Site, sharedUid } from './support/site.ts';

const missing = missingForDaemons();
const login = 'web@example.test';
const neighbour = 'shop@example.test';
const password = 'files travel at midnight';
const panelPassword = 'panels open at sunrise';

describe.skipIf(missing !== undefined)('Pure-FTPd', () => {
  let site: Site;
  let pure: PureFtpd;
  let account: string;
  let other: string;
  beforeAll(async () => {
    const base = await openSite();
    pure = await startPureFtpd(base);
    site = pure.site;
    account = await site.addAccount('ghtpura', { panel: panelPassword, ssh: 'seven brown foxes jump' });
    other = await site.addAccount('ghtpuro', {});
    await site.addVirtualUser(account, login, password);
    await site.addVirtualUser(other, neighbour, password);
    for (const owner of ['ghtpura', 'ghtpuro']) {
      const file = `${site.folder}/home/${owner}/large.bin`;
      writeFileSync(file, randomBytes(8_000_000));
      chownSync(file, sharedUid, sharedUid);
    }
  });
  afterAll(async () => {
    await pure?.end();
    await site?.close();
  });

  const live = (name: string) => site.live(`&login=${name}`);
  /** The worker, and its child that keeps the rights of root. */
  const one = (name: string) =>
    until(
      async () => {
        const [session] = await live(name);
        return session !== undefined && members(session.id).length >= 2 ? session : undefined;
      },
      `the session of ${name}, with both of its processes`,
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
    'lets a virtual user in with his own password alone, as the uid of his account, and shows the session until he leaves',
    proves('Pure-FTPd: right, wrong, other store'),
    async () => {
      const control = await quietFtp(site, login, password);
      const session = await one(login);
      expect(session).toMatchObject({
        ...{ account_id: account, store: 'ftp', channel: 'ftp', host: 'host1', source_ip: '127.0.0.1' },
      });
      control.say('QUIT');
      await control.closed;
      await over(session);
      expect(populated(session.id)).toBe(false);
      const wrong = ['a wrong and long password', 'seven brown foxes jump', panelPassword].map(
        async (each) => [each, await ftp(site, login, each).over] as const,
      );
      for (const [each, code] of await Promise.all(wrong)) expect(code, each).toBe(67);
      expect(await live(login)).toEqual([]);
    },
  );

  it('keeps a suspended account out', proves('Pure-FTPd: suspended'), async () => {
    await site.call('POST', `/v1/accounts/${account}/suspend`, { reason: 'unpaid', level: 'logins' });
    expect(await ftp(site, login, password).over).toBe(67);
    await site.call('POST', `/v1/accounts/${account}/resume`);
    expect(await ftp(site, login, password).over).toBe(0);
  });

  it('takes a password in clear text only while the policy does', async () => {
    const only = (on: boolean) =>
      site.call('PATCH', '/v1/policy', { channels: { ftp: { encrypted_only: on } } });
    await only(true);
    const hashes = await site.hashes();
    expect(await ftp(site, login, password).over).toBe(67);
    expect(await site.hashes()).toBe(hashes);
    expect((await site.refusals(account)).at(-1)).toBe('sent_in_clear');
    expect(await ftp(site, login, password, '', '127.0.0.1', true).over).toBe(0);
    await only(false);
  });

  it('ATTACK: of logins at the same moment from one address, each is bound to its own process', async () => {
    const mine = Array.from({ length: 8 }, () => quietFtp(site, login, password));
    const theirs = Array.from({ length: 8 }, () => quietFtp(site, neighbour, password));
    const [ours, others] = [await Promise.all(mine), await Promise.all(theirs)];
    await until(async () => (await live(login)).length === 8 && (await live(neighbour)).length === 8, 'all');
    let ended = 0;
    for (const { closed } of others) void closed.then(() => ended++);
    expect(await end()).toEqual(Array(8).fill('ended'));
    await Promise.all(ours.map(({ closed }) => closed));
    expect(ended).toBe(0);
    expect(await live(neighbour)).toHaveLength(8);
    for (const { say } of others) say('QUIT');
    await Promise.all(others.map(({ closed }) => closed));
  });

  it(
    'ends an idle connection and a download by one order, proved by the kernel, and leaves the neighbour of that uid alone',
    proves('Pure-FTPd: logoff idle, logoff mid-transfer'),
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
      expect(await live(neighbour)).toContainEqual(expect.objectContaining({ id: kept.id }));
      theirs.say('QUIT');
      await theirs.closed;
    },
  );

  it(
    'ends at the idle and, under a download, at the absolute end, and says which',
    proves('Pure-FTPd: idle end, absolute end'),
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
    'is followed by an agent that was killed and has forgotten everything, and ended by it; meanwhile nobody comes in',
    proves('Pure-FTPd: agent restarted'),
    async () => {
      const control = await quietFtp(site, login, password);
      const session = await one(login);
      await site.agent().end('SIGKILL');
      // Pure-FTPd knocks ten times, a second apart, before it gives up.
      expect(await ftp(site, neighbour, password).over).toBe(67);
      rmSync(`${site.folder}/state`, { recursive: true, force: true });
      await site.startAgent();
      expect((await one(login)).id).toBe(session.id);
      expect(await until(end, 'the receipts')).toEqual(['ended']);
      await control.closed;
      expect(populated(session.id)).toBe(false);
    },
  );

  it('ATTACK: whoever came in past the agent, by another backend, is found in Pure-FTPd’s own list: one is ended by order, a suspended one at once', async () => {
    const own = execFileSync('openssl', ['passwd', '-6', password], { encoding: 'utf8' }).trim();
    const logins = ['ghtpast', 'ghtpaul'] as const;
    const accounts = [await site.addAccount(logins[0], { ftp: 'not known to the host' })];
    accounts.push(await site.addAccount(logins[1], { ftp: 'not known to the host' }));
    for (const each of logins) execFileSync('usermod', ['-p', own, each]);
    await site.call('POST', `/v1/accounts/${accounts[1]}/suspend`, { reason: 'unpaid', level: 'logins' });
    const past = await startPureFtpd(site, ['unix']);
    await site.agent().end('SIGKILL');
    const [control, suspended] = await Promise.all(
      logins.map((each) => quietFtp(past.site, each, password, 20_000)),
    );
    await site.startAgent();
    await suspended?.closed;
    const [session] = await until(async () => {
      const list = await live(logins[0]);
      return list.length === 1 && list;
    }, 'the session');
    expect(session).toMatchObject({ account_id: accounts[0], channel: 'ftp', source_ip: '127.0.0.1' });
    const select = { account_id: accounts[0] };
    await site.call('POST', '/v1/sessions/end', { select, reason: 'test' });
    await control?.closed;
    await until(() => !populated(session?.id ?? ''), 'its cgroup to be empty');
    await past.end();
  });

  it(
    'asks for more than the password once the account has a second factor: an app password',
    proves('Pure-FTPd: second factor'),
    async () => {
      const factor = await addTotp(site, 'ghtpura', panelPassword);
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

  it('lets nobody in without the service', proves('Pure-FTPd: service away'), async () => {
    await site.service().end();
    expect(await ftp(site, neighbour, password).over).toBe(67);
    expect(site.agent().said()).toMatch(/"login":"shop@example.test","verdict":"deny"/);
    await site.startService();
  });
});
