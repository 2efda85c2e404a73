/** What customers make for their programs, used by real clients: SSH keys, app passwords, grants; and their end. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { ftp, giveKey, lftp, sshWithKey } from './support/clients.ts';
import { addTotp, type Factor, panelSession } from './support/factor.ts';
import { missingForDaemons } from './support/host.ts';
import { until } from './support/processes.ts';
import { openSite, type Site, sharedUid } from './support/site.ts';

const missing = missingForDaemons();
const sshPassword = 'seven brown foxes jump';
const ftpPassword = 'files travel at midnight';
const panelPassword = 'the panel has its own words';
const refusedByFtp = 67;

describe.skipIf(missing !== undefined)('what customers make for their programs', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  const make = async (token: string, what: string, body: object) => {
    const answer = await site.call<Record<string, string>>('POST', `/v1/me/${what}`, body, token);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer));
    return answer.body;
  };
  const revoke = async (token: string, what: string, id = '') => {
    const answer = await site.call('DELETE', `/v1/me/${what}/${id}`, undefined, token);
    expect(answer.status).toBe(204);
    return Date.now();
  };

  describe('SSH keys', () => {
    let port: number;
    let hanna: string;
    let token: string;
    const publicKey = (login: string) => readFileSync(`${site.folder}/keys/${login}.private.pub`, 'utf8');
    const getsIn = async (login: string) => {
      const shell = sshWithKey(site, login, 'echo by key', port);
      const code = await shell.over;
      expect(shell.said().includes('by key')).toBe(code === 0);
      return code === 0;
    };
    beforeAll(async () => {
      const passwords = { ssh: sshPassword, panel: panelPassword };
      hanna = await site.addAccount('ghthanna', passwords);
      await site.addAccount('ghtigor', passwords);
      port = await site.startSshdWith('', site.keysCommand());
      token = await panelSession(site, 'ghthanna', panelPassword);
      for (const login of ['ghthanna', 'ghtigor']) giveKey(site, login);
    });

    it('open the door from the moment they are kept, to their login alone, and not after they are revoked', async () => {
      expect(await getsIn('ghthanna')).toBe(false);
      const key = await make(token, 'ssh-keys', { key: publicKey('ghthanna') });
      expect(await getsIn('ghthanna')).toBe(true);
      expect(await getsIn('ghtigor')).toBe(false);
      const list = await site.call<{ items: { last_used_at: string | null }[] }>(
        'GET',
        '/v1/me/ssh-keys',
        undefined,
        token,
      );
      expect(list.body.items[0]?.last_used_at).not.toBeNull();
      await until(
        async () => (await site.live('&login=ghthanna&channel=ssh')).length === 0,
        'the session to be over',
      );
      const shell = sshWithKey(site, 'ghthanna', 'echo in; sleep 600', port);
      await shell.says(/in/);
      const tunnel = sshWithKey(site, 'ghthanna', '-N', port);
      await until(async () => (await site.live('&login=ghthanna&channel=ssh')).length === 2, 'two sessions');
      const at = await revoke(token, 'ssh-keys', key.id);
      await Promise.all([shell.over, tunnel.over]);
      const took = [shell, tunnel].map((program) => (program.overAt() ?? 0) - at);
      process.stdout.write(
        `a revoked key: its sessions are over ${took.join(' and ')} ms after the answer\n`,
      );
      expect(Math.max(...took)).toBeLessThan(5_000);
      expect(await getsIn('ghthanna')).toBe(false);
    });

    it('a suspension and a closed door reach them', async () => {
      await make(token, 'ssh-keys', { key: publicKey('ghthanna'), label: 'again' });
      expect(await getsIn('ghthanna')).toBe(true);
      await site.call('POST', `/v1/accounts/${hanna}/suspend`, { reason: 'unpaid', level: 'logins' });
      expect(await getsIn('ghthanna')).toBe(false);
      await site.call('POST', `/v1/accounts/${hanna}/resume`);
      expect(await getsIn('ghthanna')).toBe(true);
      await site.agent().end();
      expect(await getsIn('ghthanna')).toBe(false);
      await site.startAgent();
      expect(await until(() => getsIn('ghthanna'), 'the agent to be back')).toBe(true);
    });

    it('open from their range and until their end alone, and no line breaks out of its options', async () => {
      const igor = await panelSession(site, 'ghtigor', panelPassword);
      const key = publicKey('ghtigor').trim();
      const away = await make(igor, 'ssh-keys', { key, source: '203.0.113.0/24' });
      expect(await getsIn('ghtigor')).toBe(false);
      await revoke(igor, 'ssh-keys', away.id);
      const near = await make(igor, 'ssh-keys', {
        key,
        source: '127.0.0.0/8',
        expires_at: new Date(Date.now() + 3_600_000).toISOString(),
      });
      expect(await getsIn('ghtigor')).toBe(true);
      await revoke(igor, 'ssh-keys', near.id);
      const short = await make(igor, 'ssh-keys', {
        key,
        expires_at: new Date(Date.now() + 2_000).toISOString(),
      });
      expect(short.id).toMatch(/^key_/);
      await new Promise((resolve) => setTimeout(resolve, 2_100));
      expect(await getsIn('ghtigor')).toBe(false);
      for (const sly of [`command="echo by key" ${key}`, `${key}\n${publicKey('ghthanna')}`]) {
        expect((await site.call('POST', '/v1/me/ssh-keys', { key: sly }, igor)).status).toBe(422);
      }
    });

    it('cost so many milliseconds a question', async () => {
      const [command = ''] = site.keysCommand();
      const [, program = '', ...options] = command.split(' ').slice(0, -2);
      const shown = execFileSync('ssh-keygen', ['-l', '-f', `${site.folder}/keys/ghthanna.private.pub`], {
        encoding: 'utf8',
      });
      const [, fingerprint = ''] = shown.split(' ');
      const took = Array.from({ length: 30 }, () => {
        const began = performance.now();
        expect(execFileSync(program, [...options, 'ghthanna', fingerprint], { encoding: 'utf8' })).toMatch(
          /^ssh-ed25519 /,
        );
        return performance.now() - began;
      }).sort((a, b) => a - b);
      process.stdout.write(
        `gatehouse-keys: median ${took[15]?.toFixed(1)} ms, longest ${took[29]?.toFixed(1)} ms\n`,
      );
    });
  });

  describe('FTP with a second factor', () => {
    let janne: string;
    let factor: Factor;
    const files = 40;
    const account = async (login: string) => {
      const id = await site.addAccount(login, { ftp: ftpPassword, panel: panelPassword });
      const home = `${site.folder}/home/${login}`;
      mkdirSync(`${home}/many`);
      for (let i = 0; i < files; i++) writeFileSync(`${home}/many/${i}.txt`, randomBytes(2_000));
      writeFileSync(`${home}/large.bin`, randomBytes(8_000_000));
      chownSync(`${home}/large.bin`, sharedUid, sharedUid);
      return id;
    };
    beforeAll(async () => {
      janne = await account('ghtjanne');
      factor = await addTotp(site, 'ghtjanne', panelPassword);
    });

    /** The transfer that a client has begun, as the service knows it. */
    const running = (login: string, said: () => string) =>
      until(async () => (await site.live(`&login=${login}&channel=ftp`))[0], 'the transfer', 10_000, said);
    /** What earlier clients left is reported closed a moment later. */
    const nobody = (login: string) =>
      until(
        async () => (await site.live(`&login=${login}&channel=ftp`)).length === 0,
        'earlier sessions to be over',
      );
    /** When the agent has proved that no process of this session is left. */
    const proved = async (login: string, id: string) => {
      const path = `/v1/sessions?login=${login}&channel=ftp`;
      const session = await until(async () => {
        const { body } = await site.call<{ items: { id: string; door: string; end_reason: string }[] }>(
          'GET',
          path,
        );
        return body.items.find((each) => each.id === id && each.door === 'ended');
      }, 'the proof');
      expect(session.end_reason).toBe('credential_changed');
      return Date.now();
    };

    it(
      'the password alone opens nothing, and the true reason is on record',
      proves('ProFTPD: second factor'),
      async () => {
        expect(await ftp(site, 'ghtjanne', ftpPassword).over).toBe(refusedByFtp);
        expect((await site.refusals(janne)).at(-1)).toBe('second_factor_required');
      },
    );

    it(
      'lftp mirror --parallel=10 comes in with an app password, at no hash',
      proves('ProFTPD: second factor'),
      async () => {
        const made = await make(factor.token, 'app-passwords', { store: 'ftp', label: 'lftp' });
        const before = await site.hashes();
        const mirror = lftp(
          site,
          'ghtjanne',
          made.password ?? '',
          `mirror --parallel=10 many ${site.folder}/mirrored`,
        );
        expect(await mirror.over, mirror.said()).toBe(0);
        expect(readdirSync(`${site.folder}/mirrored`)).toHaveLength(files);
        const hashes = (await site.hashes()) - before;
        process.stdout.write(`lftp mirror --parallel=10 with an app password: ${hashes} hashes\n`);
        expect(hashes).toBeLessThanOrEqual(1);
        const list = await site.call<{ items: object[] }>(
          'GET',
          '/v1/me/app-passwords',
          undefined,
          factor.token,
        );
        expect(list.body.items).toMatchObject([{ label: 'lftp', last_used_from: '127.0.0.1' }]);
      },
    );

    it('revoked in the middle of a transfer, it ends it', async () => {
      await nobody('ghtjanne');
      const made = await make(factor.token, 'app-passwords', { store: 'ftp', label: 'backup' });
      const transfer = lftp(
        site,
        'ghtjanne',
        made.password ?? '',
        `get large.bin -o ${site.folder}/large.bin`,
      );
      const session = await running('ghtjanne', transfer.said);
      const at = await revoke(factor.token, 'app-passwords', made.id);
      const took = (await proved('ghtjanne', session.id)) - at;
      process.stdout.write(
        `a revoked app password: the transfer's process is proved gone ${took} ms after the answer\n`,
      );
      expect(took).toBeLessThan(3_000);
      expect(await transfer.over).not.toBe(0);
      expect(await ftp(site, 'ghtjanne', made.password ?? '').over).toBe(refusedByFtp);
    });

    it('of a store, a range or another login, it opens nothing here', async () => {
      const away = await make(factor.token, 'app-passwords', {
        store: 'ftp',
        label: 'x',
        source: '203.0.113.0/24',
      });
      expect(await ftp(site, 'ghtjanne', away.password ?? '').over).toBe(refusedByFtp);
      expect((await site.refusals(janne)).at(-1)).toBe('app_password_outside_source');
      const kept = await make(factor.token, 'app-passwords', { store: 'ftp', label: 'x', read_only: true });
      expect(await ftp(site, 'ghtjanne', kept.password ?? '').over).toBe(refusedByFtp);
      expect((await site.refusals(janne)).at(-1)).toBe('app_password_read_only');
    });

    it('a grant opens it to the password alone, from its address, until it is taken back', async () => {
      const login = `ghtkaro${Date.now() % 1000}`;
      const karo = await account(login);
      const { token } = await addTotp(site, login, panelPassword);
      expect(await ftp(site, login, ftpPassword).over).toBe(refusedByFtp);
      const grant = await make(token, 'grants', { store: 'ftp', source_ip: '127.0.0.1', hours: 8 });
      expect(await ftp(site, login, ftpPassword, '', '127.0.0.2').over).toBe(refusedByFtp);
      const before = await site.hashes();
      const mirror = lftp(site, login, ftpPassword, `mirror --parallel=10 many ${site.folder}/${login}`);
      expect(await mirror.over, mirror.said()).toBe(0);
      expect((await site.hashes()) - before).toBeLessThanOrEqual(1);
      await nobody(login);
      const transfer = ftp(site, login, ftpPassword, 'large.bin');
      const session = await running(login, transfer.said);
      const at = await revoke(token, 'grants', grant.id);
      const took = (await proved(login, session.id)) - at;
      process.stdout.write(
        `a grant taken back: the transfer's process is proved gone ${took} ms after the answer\n`,
      );
      expect(took).toBeLessThan(3_000);
      expect(await transfer.over).not.toBe(0);
      expect(await ftp(site, login, ftpPassword).over).toBe(refusedByFtp);
      expect(new Set(await site.refusals(karo))).toEqual(new Set(['second_factor_required']));
    });
  });
});
