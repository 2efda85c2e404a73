/** What only one FTP server does, or could get wrong: passwords in clear text, many logins at once, other ways in. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ftp, quietFtp } from './support/clients.ts';
import type { FtpServer } from './support/ftp-server.ts';
import { missingForDaemons } from './support/host.ts';
import { populated } from './support/kernel.ts';
import { endedBy, logoff } from './support/orders.ts';
import { until } from './support/processes.ts';
import { startPureFtpd } from './support/pureftpd.ts';
import { openSite, type Site } from './support/site.ts';

const missing = missingForDaemons();
const password = 'files travel at midnight';
const wrong = 'another password altogether';

describe.skipIf(missing !== undefined)('one FTP server', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site?.close());

  const encryptedOnly = async (on: boolean) => {
    const patched = await site.call('PATCH', '/v1/policy', { channels: { ftp: { encrypted_only: on } } });
    expect(patched.status).toBe(200);
  };
  /** Once none is left to do: a wrong password is looked at again when there is time, which is a hash. */
  /** `quietMs`: a wrong password is looked at once more, up to 4 s later by chance (`hashing/afterwards`). */
  const hashesDone = async (quietMs = 400) => {
    for (;;) {
      const before = await site.hashes();
      await sleep(quietMs);
      if ((await site.hashes()) === before) return before;
    }
  };
  const logIn = async (at: Site, login: string, secret: string, tls: boolean) => {
    const program = ftp(at, login, secret, '', '127.0.0.1', tls);
    return { code: await program.over, said: program.said() };
  };

  describe('ProFTPD with mod_tls', () => {
    let account: string;
    beforeAll(async () => {
      account = await site.addAccount('ghtivy', { ftp: password });
    });
    const login = (secret: string, tls: boolean) => logIn(site, 'ghtivy', secret, tls);

    it('takes both, while the policy does', async () => {
      expect(await login(password, false)).toMatchObject({ code: 0 });
      expect(await login(password, true)).toMatchObject({ code: 0 });
    });

    it('ATTACK: in clear text, the right password is told from a wrong one by nothing, and none is judged', async () => {
      await encryptedOnly(true);
      const hashes = await hashesDone();
      const right = await login(password, false);
      expect(right.code).toBe(67);
      expect(await login(wrong, false)).toEqual(right);
      expect(await site.hashes()).toBe(hashes);
      expect(await site.refusals(account)).toEqual(['sent_in_clear', 'sent_in_clear']);
    });

    it('over TLS it is judged as ever', async () => {
      expect(await login(password, true)).toMatchObject({ code: 0 });
      expect((await login(wrong, true)).code).toBe(67);
      await encryptedOnly(false);
    });
  });

  describe('Pure-FTPd', () => {
    const [mine, theirs] = ['web@example.test', 'shop@example.test'];
    let pure: FtpServer;
    let account: string;
    beforeAll(async () => {
      pure = await startPureFtpd(site);
      account = await site.addAccount('ghtpuri', {});
      await site.addVirtualUser(account, mine, password);
      await site.addVirtualUser(await site.addAccount('ghtpure', {}), theirs, password);
    });
    afterAll(() => pure?.end());

    const live = (name: string) => site.live(`&login=${name}`);

    it('takes a password in clear text only while the policy does', async () => {
      expect((await logIn(pure.site, mine, password, false)).code).toBe(0);
      const hashes = await hashesDone(4_200);
      try {
        await encryptedOnly(true);
        expect((await logIn(pure.site, mine, password, false)).code).toBe(67);
        expect(await site.hashes()).toBe(hashes);
        expect((await site.refusals(account)).at(-1)).toBe('sent_in_clear');
        expect((await logIn(pure.site, mine, password, true)).code).toBe(0);
      } finally {
        await encryptedOnly(false);
      }
    });

    it('ATTACK: of logins at the same moment from one address, each is bound to its own process', async () => {
      const eight = (login: string) => Array.from({ length: 8 }, () => quietFtp(pure.site, login, password));
      const both = [eight(mine), eight(theirs)].map((all) => Promise.all(all));
      const [ours = [], others = []] = await Promise.all(both);
      await until(async () => (await live(mine)).length === 8 && (await live(theirs)).length === 8, 'all');
      let ended = 0;
      for (const { closed } of others) void closed.then(() => ended++);
      expect(await endedBy(site, { account_id: account })).toEqual(Array(8).fill('ended'));
      await Promise.all(ours.map(({ closed }) => closed));
      expect(ended).toBe(0);
      expect(await live(theirs)).toHaveLength(8);
      for (const { say } of others) say('QUIT');
      await Promise.all(others.map(({ closed }) => closed));
    });

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
      await logoff(site, { account_id: accounts[0] });
      await control?.closed;
      await until(() => !populated(session?.id ?? ''), 'its cgroup to be empty');
      await past.end();
    });
  });

  describe('ProFTPD with parallel logins', () => {
    let emil: string;
    let current: string;
    beforeAll(async () => {
      emil = await site.addAccount('ghtemil', {});
    });
    /** Another one each time: none that was judged before. */
    const change = async () => {
      const before = current;
      current = `files travel at ${randomBytes(8).toString('hex')}`;
      const path = `/v1/accounts/${emil}/credentials/ftp`;
      expect((await site.call('PUT', path, { password: current })).status).toBe(200);
      return before;
    };

    it('30 at once with the right password all get in and cost one hash', async () => {
      await change();
      const start = await hashesDone();
      const clients = await Promise.all(Array.from({ length: 30 }, () => quietFtp(site, 'ghtemil', current)));
      expect((await site.hashes()) - start).toBe(1);
      for (const client of clients) client.say('QUIT');
      await Promise.all(clients.map((client) => client.closed));
    }, 60_000);

    it('after a password change the old one fails at once, and the new one works', async () => {
      const before = await change();
      expect(await ftp(site, 'ghtemil', before).over).toBe(67);
      expect(await ftp(site, 'ghtemil', current).over).toBe(0);
    }, 30_000);
  });
});
