/** ProFTPD as an SFTP server (mod_sftp): virtual users of the store ssh, without a system user behind them. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { sshAsked } from './support/asked.ts';
import { quietFtp, sftpGet, sftpList } from './support/clients.ts';
import { addTotp } from './support/factor.ts';
import { missingForDaemons } from './support/host.ts';
import { populated } from './support/kernel.ts';
import { type ModSftp, startModSftp } from './support/modsftp.ts';
import { logoff, over, settled } from './support/orders.ts';
import { start, until } from './support/processes.ts';
import { openSite, type Site } from './support/site.ts';

const missing = missingForDaemons();
const login = 'web@example.test';
const neighbour = 'shop@example.test';
const password = 'files travel at midnight';
const panelPassword = 'panels open at sunrise';
const ftpPassword = 'seven brown foxes jump';

describe.skipIf(missing !== undefined)('ProFTPD with mod_sftp', () => {
  let site: Site;
  let server: ModSftp;
  let account: string;
  beforeAll(async () => {
    const base = await openSite();
    server = await startModSftp(base, ftpPassword);
    site = server.site;
    account = await site.addAccount('ghtmona', { panel: panelPassword });
    const other = await site.addAccount('ghtmarc', { panel: panelPassword });
    await server.addVirtualUser(account, login, password);
    await server.addVirtualUser(other, neighbour, password);
    await site.addVirtualUser(account, login, ftpPassword);
  });
  afterEach(async () => {
    await clocks(900, 3600);
    await end({ all: true });
  });
  afterAll(async () => {
    await server?.end();
    await site?.close();
  });

  const clocks = (idle: number, absolute: number) =>
    site.call('PATCH', '/v1/policy', {
      stores: { ssh: { standard: { idle_seconds: idle, absolute_seconds: absolute } } },
    });
  const live = (name = login) => site.live(`&login=${name}`);
  const one = (name = login) =>
    until(async () => {
      const [session, ...more] = await live(name);
      return more.length === 0 && session !== undefined && populated(session.id) ? session : undefined;
    }, `one session of ${name}`);
  const end = async (select: object) => (await settled(site, await logoff(site, select))).receipts;
  /** By keyboard-interactive, with nothing said after the login. */
  const quiet = (name: string, secret: string, codes: readonly string[] = []) =>
    sshAsked(site, name, { password: secret, codes }, { subsystem: 'ssh' });
  const isOut = async (client: { over: Promise<unknown> }) => expect(await client.over).not.toBe(0);

  it(
    'lets a virtual user in by password and keyboard-interactive, and shows the session as sftp until he leaves',
    proves('ProFTPD sftp: right'),
    async () => {
      const listing = sftpList(site, login, password);
      expect(await listing.over, listing.said()).toBe(0);
      expect(listing.said()).toContain('large.bin');
      await until(async () => (await live()).length === 0, 'it to be over');
      const client = quiet(login, password);
      const session = await one();
      expect(session).toMatchObject({
        ...{ account_id: account, store: 'ssh', channel: 'sftp' },
        ...{ host: 'host1', source_ip: '127.0.0.1' },
      });
      expect(client.prompts()).toEqual([expect.stringContaining('assword')]);
      // The agent has measured it by then.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect((await one()).channel).toBe('sftp');
      await client.end();
      await over(site, session);
      expect(populated(session.id)).toBe(false);
    },
  );

  it('lftp and scp come in as well, and no shell does', async () => {
    const options = `-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
    const lftp = start('lftp', [
      '-c',
      [
        `set sftp:connect-program 'ssh -a -x ${options}'; set net:max-retries 1; set cmd:fail-exit true`,
        `open -u '${login},${password}' sftp://127.0.0.1:${site.sshPort}; cls -1`,
      ].join('; '),
    ]);
    expect(await lftp.over, lftp.said()).toBe(0);
    expect(lftp.said()).toContain('large.bin');
    const env = { ...process.env, SSHPASS: password };
    const to = `${site.folder}/copied.bin`;
    const ssh = [...options.split(' '), '-o', `Port=${site.sshPort}`];
    const scp = start('sshpass', ['-e', 'scp', '-O', ...ssh, `${login}@127.0.0.1:large.bin`, to], { env });
    const session = await one();
    expect(session).toMatchObject({ store: 'ssh', channel: 'sftp' });
    await end({ ids: [session.id] });
    await isOut(scp);
    expect(existsSync(to) ? statSync(to).size : 0).toBeLessThan(8_000_000);
    const shell = start('sshpass', ['-e', 'ssh', ...ssh, `${login}@127.0.0.1`, 'id'], { env });
    await isOut(shell);
    expect(shell.said()).not.toContain('uid=');
  });

  it('keeps a suspended account out', proves('ProFTPD sftp: suspended'), async () => {
    await site.call('POST', `/v1/accounts/${account}/suspend`, { reason: 'unpaid', level: 'logins' });
    await isOut(sftpList(site, login, password));
    await isOut(quiet(login, password));
    await site.call('POST', `/v1/accounts/${account}/resume`);
    expect(await sftpList(site, login, password).over).toBe(0);
  });

  it(
    'ends an idle connection and a download by one order for the channel, and leaves the neighbour of that uid alone',
    proves('ProFTPD sftp: logoff idle, logoff mid-transfer'),
    async () => {
      const theirs = quiet(neighbour, password);
      const kept = await one(neighbour);
      const idle = quiet(login, password);
      const first = await one();
      const to = `${site.folder}/mona.bin`;
      const transfer = sftpGet(site, login, password, 'large.bin', to, 200);
      await until(() => existsSync(to) && statSync(to).size > 0, 'the download', 15_000, transfer.said);
      const both = await live();
      expect(both.map(({ channel }) => channel)).toEqual(['sftp', 'sftp']);
      const began = Date.now();
      const receipts = await end({ account_id: account });
      expect(receipts.map(({ state }) => state)).toEqual(['ended', 'ended']);
      await idle.over;
      expect((idle.overAt() ?? Infinity) - began).toBeLessThan(2_000);
      for (const { id } of both) expect(populated(id), id).toBe(false);
      expect(both.map(({ id }) => id)).toContain(first.id);
      transfer.write('', true);
      await isOut(transfer);
      expect(theirs.overAt()).toBeUndefined();
      expect((await live(neighbour)).map(({ id }) => id)).toEqual([kept.id]);
      expect((await end({ channel: 'sftp' })).map(({ state }) => state)).toEqual(['ended']);
      await theirs.over;
    },
  );

  it(
    'ends at the idle and, under a download, at the absolute end, and says which',
    proves('ProFTPD sftp: idle end, absolute end'),
    async () => {
      await clocks(2, 3600);
      const idle = quiet(login, password);
      const left = await one();
      await idle.over;
      expect((await over(site, left)).end_reason).toBe('idle');
      await clocks(2, 5);
      const transfer = sftpGet(site, login, password, 'large.bin', `${site.folder}/late.bin`, 200);
      const used = await one();
      expect((await over(site, used)).end_reason).toBe('absolute');
      await until(() => !populated(used.id), 'the kernel to say so', 3_000);
      transfer.write('', true);
      await isOut(transfer);
    },
  );

  it(
    'is followed by an agent that was killed and has forgotten everything, and ended by it',
    proves('ProFTPD sftp: agent restarted'),
    async () => {
      const client = sshAsked(site, login, { password }, { subsystem: 'sftp' });
      // Listed is not yet in: an agent killed before PAM has its answer lets nobody in.
      client.write('ls\n');
      await client.says(/large\.bin/);
      const session = await one();
      await forget();
      expect(await one()).toMatchObject({ id: session.id, channel: 'sftp' });
      expect((await end({ account_id: account })).map(({ state }) => state)).toEqual(['ended']);
      client.write('', true);
      await client.over;
      expect(populated(session.id)).toBe(false);
    },
  );

  const forget = async () => {
    await site.agent().end('SIGKILL');
    rmSync(`${site.folder}/state`, { recursive: true, force: true });
    await site.startAgent();
  };

  it('a key alone asks nobody; who came in by it, or by another file over FTP, is found with the store of that port', async () => {
    const byKey = { subsystem: 'ssh', key: login, method: 'publickey' } as const;
    await isOut(sshAsked(site, login, {}, byKey));
    const sftp = sshAsked(server.byKey, login, {}, byKey);
    const ftp = await quietFtp(site, login, ftpPassword);
    await until(
      () => /publickey.*success|sent userauth success|userauth success/i.test(log()),
      'the key to be taken',
      15_000,
      log,
    );
    expect(await live()).toEqual([]);
    await forget();
    const found = await until(async () => {
      const list = await live();
      return list.length === 2 ? list : undefined;
    }, 'both to be found');
    expect(found.map(({ store, channel }) => `${store} ${channel}`).sort()).toEqual(['ftp ftp', 'ssh sftp']);
    await site.call('POST', `/v1/accounts/${account}/suspend`, { reason: 'unpaid', level: 'all' });
    await Promise.all([sftp.over, ftp.closed]);
    const again = sshAsked(server.byKey, login, {}, byKey);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(again.overAt(), again.said()).toBeUndefined();
    await forget();
    await again.over;
    await site.call('POST', `/v1/accounts/${account}/resume`);
  });

  it('a port that is held up says nothing: no session there is given to the same login of another store', async () => {
    const byKey = { subsystem: 'ssh', key: login, method: 'publickey' } as const;
    const sftp = sshAsked(server.byKey, login, {}, byKey);
    const ftp = await quietFtp(site, login, ftpPassword);
    await until(() => log().includes('success'), 'the key to be taken', 15_000, log);
    server.pause();
    try {
      await forget();
      const notCertain = () =>
        site
          .agent()
          .said()
          .split('\n')
          .filter((line) => line.includes('whose protocol is not certain'));
      await until(() => notCertain().length >= 2, 'both to be left alone', 30_000, site.agent().said);
      expect(await live()).toEqual([]);
    } finally {
      server.goOn();
    }
    await forget();
    const found = await until(async () => {
      const list = await live();
      return list.length === 2 ? list : undefined;
    }, 'both to be found');
    expect(found.map(({ store }) => store).sort()).toEqual(['ftp', 'ssh']);
    await end({ all: true });
    await Promise.all([sftp.over, ftp.closed]);
  });

  it('a session that PAM opened says what its port is for those that nobody told of, though it is held up', async () => {
    const byKey = { subsystem: 'ssh', key: login, method: 'publickey' } as const;
    const told = sshAsked(server.byKey, neighbour, { password }, { subsystem: 'ssh' });
    await one(neighbour);
    const untold = sshAsked(server.byKey, login, {}, byKey);
    // Its process bears its name once it is in.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([untold.overAt(), await live()]).toEqual([undefined, []]);
    server.pause();
    try {
      await site.agent().end('SIGKILL');
      await site.startAgent();
      expect(await one()).toMatchObject({ store: 'ssh', channel: 'sftp' });
    } finally {
      server.goOn();
    }
    await end({ all: true });
    await Promise.all([told.over, untold.over]);
  });

  const log = () => readFileSync(`${site.folder}/modsftp/sftp.log`, 'utf8');

  it('a key and then the password: neither alone opens, and both are one session', async () => {
    const both = { subsystem: 'ssh', key: login, method: 'publickey,keyboard-interactive' } as const;
    await isOut(sshAsked(server.keyThenPam, login, { password: 'not the words' }, both));
    await isOut(sshAsked(server.keyThenPam, login, { password }, { subsystem: 'ssh' }));
    await isOut(sshAsked(server.keyThenPam, login, {}, { ...both, method: 'publickey' }));
    const client = sshAsked(server.keyThenPam, login, { password }, both);
    expect(await one(), client.said()).toMatchObject({ store: 'ssh', channel: 'sftp' });
    expect(client.overAt()).toBeUndefined();
  });

  it(
    'asks for the code after the right password, once; in one field where there is one; and takes no password alone',
    proves('ProFTPD sftp: second factor'),
    async () => {
      const factor = await addTotp(site, 'ghtmarc', panelPassword);
      const code = factor.recoveryCodes.pop() ?? '';
      const asked = quiet(neighbour, password, [code]);
      expect(await one(neighbour), asked.said()).toMatchObject({ channel: 'sftp' });
      expect(asked.prompts()).toEqual([
        expect.stringContaining('assword'),
        expect.stringContaining('Verification code:'),
      ]);
      await asked.end();
      const again = quiet(neighbour, password, [code, code, code]);
      await isOut(again);
      const wrong = quiet(neighbour, 'not the words', [factor.recoveryCodes.pop() ?? '']);
      await isOut(wrong);
      expect(wrong.prompts()).toHaveLength(1);
      await isOut(sftpList(site, neighbour, password));
      const together = sftpList(site, neighbour, `${password}${factor.code()}`);
      expect(await together.over, together.said()).toBe(0);
      const made = await site.call<{ password: string }>(
        'POST',
        '/v1/me/app-passwords',
        { store: 'ssh', label: 'editor', login: neighbour },
        factor.token,
      );
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      expect(await sftpList(site, neighbour, made.body.password).over).toBe(0);
    },
  );

  it(
    'refuses wrong passwords and those of other stores, in either way and after each other',
    proves('ProFTPD sftp: wrong, other store'),
    async () => {
      for (const wrong of ['a wrong and long password', ftpPassword, panelPassword]) {
        await isOut(sftpList(site, login, wrong));
        const methods = { subsystem: 'ssh', method: 'keyboard-interactive,password', rounds: 1 } as const;
        await isOut(sshAsked(site, login, { password: wrong }, methods));
      }
      await isOut(sftpList(site, 'nobody@example.test', password));
      expect(await live()).toEqual([]);
    },
  );

  it(
    'lets nobody in without the service, and no secret is in a log',
    proves('ProFTPD sftp: service away'),
    async () => {
      await site.service().end();
      await isOut(sftpList(site, login, password));
      await isOut(quiet(login, password));
      await site.startService();
      const said = site.service().said() + site.agent().said() + log();
      expect(said).toContain(login);
      for (const secret of [password, panelPassword, ftpPassword]) expect(said).not.toContain(secret);
    },
  );
});
