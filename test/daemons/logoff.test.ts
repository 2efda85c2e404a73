/** One call ends the shell, the download and the FTP transfer of an account, with whatever they left running. */
import { randomBytes } from 'node:crypto';
import { chownSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { ftp, quietFtp, sftpGet, sftpList, ssh } from './support/clients.ts';
import { missingForDaemons } from './support/host.ts';
import { members, populated, running } from './support/kernel.ts';
import { type Program, until } from './support/processes.ts';
import { openSite, type Site, sharedUid } from './support/site.ts';

const missing = missingForDaemons();
const sshPassword = 'seven brown foxes jump';
const ftpPassword = 'files travel at midnight';
/** The time until the client sees the close is printed, not judged; the README's figures: LOGOFF_ROUNDS=20. */
const rounds = Number(process.env.LOGOFF_ROUNDS ?? '3');

interface Order {
  readonly state: string;
  readonly receipts: { session_id: string; channel: string; state: string; detail: string }[];
}

const percentile = (list: readonly number[], p: number) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))] ?? 0;

describe.skipIf(missing !== undefined)('forced logoff', () => {
  let site: Site;
  let alice: string;
  beforeAll(async () => {
    site = await openSite();
    alice = await site.addAccount('ghtanna', { ssh: sshPassword, ftp: ftpPassword });
    await site.addAccount('ghtbert', { ssh: sshPassword, ftp: ftpPassword });
    for (const login of ['ghtanna', 'ghtbert']) {
      const file = `${site.folder}/home/${login}/large.bin`;
      writeFileSync(file, randomBytes(8_000_000));
      chownSync(file, sharedUid, sharedUid);
    }
  });
  afterAll(() => site.close());

  /** A shell that leaves jobs behind in every way that outlives a hangup, an sftp download and an FTP download. */
  async function logInEverywhere(login: string, mark: string): Promise<Program[]> {
    const shell = ssh(site, login, sshPassword, undefined, true);
    shell.write(
      `nohup sleep ${mark}1 >/dev/null 2>&1 &\nsetsid sleep ${mark}2 &\ntmux -L ${mark} new-session -d 'sleep ${mark}3'\n` +
        `echo re''ady\n`,
    );
    await shell.says(/ready/);
    const download = sftpGet(site, login, sshPassword, 'large.bin', `${site.folder}/${mark}.bin`, 200);
    const transfer = ftp(site, login, ftpPassword, 'large.bin');
    const seen = () => site.live(`&login=${login}`);
    await until(
      async () => (await seen()).length === 3,
      'three sessions',
      10_000,
      () =>
        [shell, download, transfer].map((program) => program.said()).join('\n--\n') +
        site.agent().said().slice(-1500),
    );
    await until(() => running(`sleep ${mark}3`).length > 0, 'the job in tmux');
    return [shell, download, transfer];
  }

  it(`closes every connection within a second, and nothing survives (${rounds} rounds)`, {
    ...proves('ssh: logoff idle', 'sftp: logoff mid-transfer', 'ProFTPD: logoff mid-transfer'),
    timeout: 60_000 + rounds * 20_000,
  }, async () => {
    const closed: number[] = [];
    const others = await logInEverywhere('ghtbert', '772');
    const neighbours = await site.live('&login=ghtbert');
    for (let round = 0; round < rounds; round++) {
      const mark = `77${3 + round}`;
      const mine = await logInEverywhere('ghtanna', mark);
      const sessions = await site.live('&login=ghtanna');
      for (const { id } of sessions) await until(() => members(id).length > 0, `members of ${id}`);
      const asked = Date.now();
      const ended = await site.call<{ order: { id: string; matched: number; by_channel: object } }>(
        'POST',
        '/v1/sessions/end',
        { select: { account_id: alice }, reason: 'test' },
      );
      expect(ended.status).toBe(202);
      expect(ended.body.order.matched).toBe(3);
      await Promise.all(mine.map((program) => program.over));
      for (const program of mine) closed.push((program.overAt() ?? Infinity) - asked);
      expect(mine[0]?.said()).toContain('Gatehouse: you are logged off.');
      const order = await until(async () => {
        const { body } = await site.call<Order>('GET', `/v1/orders/${ended.body.order.id}`);
        return body.state === 'pending' ? undefined : body;
      }, 'every receipt');
      expect(order.state).toBe('done');
      expect(order.receipts.map((receipt) => receipt.state)).toEqual(['ended', 'ended', 'ended']);
      for (const { id } of sessions) expect(populated(id), id).toBe(false);
      for (const job of ['1', '2', '3']) expect(running(`sleep ${mark}${job}`)).toEqual([]);
    }
    process.stderr.write(
      `logoff until the client saw the close, ms: p50 ${percentile(closed, 0.5)} p95 ${percentile(closed, 0.95)} max ${Math.max(...closed)} (n=${closed.length})\n`,
    );
    // The neighbour has the same uid, and lives on.
    expect((await site.live('&login=ghtbert')).map(({ id }) => id)).toEqual(neighbours.map(({ id }) => id));
    for (const program of others) expect(program.overAt()).toBeUndefined();
    expect(others[0]?.said()).not.toContain('logged off');
    for (const job of ['1', '2', '3']) expect(running(`sleep 772${job}`).length).toBeGreaterThan(0);
    await site.call('POST', '/v1/sessions/end', {
      select: { login: 'ghtbert', store: 'ssh' },
      reason: 'test',
    });
    await site.call('POST', '/v1/sessions/end', {
      select: { login: 'ghtbert', store: 'ftp' },
      reason: 'test',
    });
    await Promise.all(others.map((program) => program.over));
  });

  it('ends an FTP connection that does nothing', proves('ProFTPD: logoff idle'), async () => {
    const control = await quietFtp(site, 'ghtanna', ftpPassword);
    const [session] = await until(async () => {
      const list = await site.live('&login=ghtanna');
      return list.length === 1 && members(list[0]?.id ?? '').length > 0 && list;
    }, 'the session');
    const select = { account_id: alice };
    await site.call('POST', '/v1/sessions/end', { select, reason: 'test' });
    await control.closed;
    await until(() => !populated(session?.id ?? ''), 'its cgroup to be empty', 3_000);
  });

  const suspension = proves('ssh: suspended', 'sftp: suspended', 'ProFTPD: suspended');
  it('a suspended account is logged off and not let in again by any door', suspension, async () => {
    const mine = await logInEverywhere('ghtanna', '991');
    const suspended = await site.call('POST', `/v1/accounts/${alice}/suspend`, { reason: 'abuse' });
    expect(suspended.status).toBe(200);
    await Promise.all(mine.map((program) => program.over));
    expect(await ssh(site, 'ghtanna', sshPassword, 'true').over).not.toBe(0);
    expect(await sftpList(site, 'ghtanna', sshPassword).over).not.toBe(0);
    expect(await ftp(site, 'ghtanna', ftpPassword).over).toBe(67);
    await site.call('POST', `/v1/accounts/${alice}/resume`);
    expect(await ssh(site, 'ghtanna', sshPassword, 'true').over).toBe(0);
  });

  it('a changed password drops the FTP transfer that the old one opened, and no other door', async () => {
    const [shell, download, transfer] = await logInEverywhere('ghtanna', '992');
    await site.call('PUT', `/v1/accounts/${alice}/credentials/ftp`, { password: 'files travel at daybreak' });
    expect(await transfer?.over).not.toBe(0);
    expect(shell?.overAt()).toBeUndefined();
    expect(download?.overAt()).toBeUndefined();
    expect(await ftp(site, 'ghtanna', ftpPassword).over).toBe(67);
    const { body } = await site.call<{ items: { end_reason: string }[] }>(
      'GET',
      '/v1/sessions?login=ghtanna&channel=ftp&limit=1',
    );
    expect(body.items[0]?.end_reason).toBe('credential_changed');
    await site.call('POST', '/v1/sessions/end', { select: { account_id: alice }, reason: 'test' });
    await Promise.all([shell?.over, download?.over]);
  }, 60_000);
});
