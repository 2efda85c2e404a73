/** A real ProFTPD that speaks SFTP (mod_sftp) by the files of `deploy/`, for virtual users that share one uid. */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { projectRoot } from '../../support/build.ts';
import { addPamService, removePamService } from './host.ts';
import { listens } from './lines.ts';
import { freePort, start, until } from './processes.ts';
import { type Site, sharedUid } from './site.ts';

export interface ModSftp {
  /** The site, with this server behind its ports: SFTP, and FTP that asks nobody but its own file. */
  readonly site: Site;
  /** The same, by a key alone or keyboard-interactive: what the shipped file does not do. */
  readonly byKey: Site;
  /** A key first, then keyboard-interactive. */
  readonly keyThenPam: Site;
  /** A virtual user of the store ssh, with a file that takes a while to download. */
  addVirtualUser(accountId: string, login: string, password: string): Promise<void>;
  home(login: string): string;
  /** The daemon takes no connection for now; its sessions go on. */
  pause(): void;
  goOn(): void;
  end(): Promise<void>;
}

/** `ownPassword`: of every login at the FTP server that asks nobody. */
export async function startModSftp(site: Site, ownPassword: string): Promise<ModSftp> {
  const folder = `${site.folder}/modsftp`;
  for (const each of ['home', 'keys']) mkdirSync(`${folder}/${each}`, { recursive: true });
  const service = `gatehouse-test-modsftp-${process.pid}`;
  addPamService(service, site.shippedPam('proftpd-sftp'));
  for (const kind of ['ed25519', 'rsa'])
    execFileSync('ssh-keygen', ['-q', '-t', kind, '-N', '', '-f', `${folder}/host_${kind}`]);
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: ownPassword, encoding: 'utf8' });
  const users: string[] = [];
  const writeUsers = () => {
    const rows = (secret: string) =>
      users.map((user) => `${user}:${secret}:${sharedUid}:${sharedUid}::${folder}/home/${user}:/bin/false\n`);
    writeFileSync(`${folder}/passwd`, rows('!').join(''), { mode: 0o600 });
    writeFileSync(`${folder}/ftp.passwd`, rows(hash.trim()).join(''), { mode: 0o600 });
  };
  writeUsers();
  const ports = {
    shipped: await freePort(),
    key: await freePort(),
    chain: await freePort(),
    ftp: await freePort(),
  };
  const text = readFileSync(`${projectRoot}/deploy/proftpd/gatehouse-sftp.conf`, 'utf8')
    .replace('<VirtualHost 0.0.0.0>', '<VirtualHost 127.0.0.1>')
    .replaceAll('/etc/proftpd/sftp_host_', `${folder}/host_`)
    .replaceAll(/(host_\w+?)_key$/gm, '$1')
    .replace('/var/log/proftpd/sftp.log', `${folder}/sftp.log`)
    .replace('/etc/proftpd/gatehouse-sftp.passwd', `${folder}/passwd`)
    .replaceAll(/((?:AuthPAMConfig|SFTPPAMServiceName) +)gatehouse-sftp$/gm, `$1${service}`);
  const host = (port: number, methods?: string) => {
    const there = text.replace(/Port +2222/, `Port ${port}`);
    if (methods === undefined) return there;
    const keys = `SFTPAuthorizedUserKeys file:${folder}/keys/%u`;
    return (/<VirtualHost[\s\S]*/.exec(there)?.[0] ?? '').replace(
      /SFTPAuthMethods .*/,
      `SFTPAuthMethods ${methods}\n${keys}`,
    );
  };
  writeFileSync(
    `${folder}/proftpd.conf`,
    [
      'ServerType standalone',
      'DefaultAddress 127.0.0.1',
      `Port ${ports.ftp}`,
      'SocketBindTight on',
      'UseIPv6 off',
      'User nobody',
      'Group nogroup',
      'RequireValidShell off',
      'DefaultRoot ~',
      'AuthOrder mod_auth_file.c',
      `AuthUserFile ${folder}/ftp.passwd`,
      'MaxInstances 100',
      `PidFile ${folder}/proftpd.pid`,
      `ScoreboardFile ${folder}/score`,
      `DelayTable ${folder}/delay`,
      `SystemLog ${folder}/proftpd.log`,
      'WtmpLog off',
      'TransferLog none',
      '<Global>',
      // KiB/s: a transfer that lasts, so that it can be caught in the middle.
      '  TransferRate RETR 200',
      '</Global>',
      host(ports.shipped),
      host(ports.key, 'publickey keyboard-interactive'),
      host(ports.chain, 'publickey+keyboard-interactive'),
    ].join('\n'),
  );
  const server = start('/usr/sbin/proftpd', ['-n', '-q', '-c', `${folder}/proftpd.conf`], {
    env: { PATH: '/usr/sbin:/usr/bin:/bin' },
  });
  await until(() => listens(ports.shipped), 'proftpd to listen', 15_000, server.said);
  const at = (sshPort: number): Site => ({ ...site, sshPort, ftpPort: ports.ftp });
  return {
    site: at(ports.shipped),
    byKey: at(ports.key),
    keyThenPam: at(ports.chain),
    home: (login) => `${folder}/home/${login}`,
    pause: () => process.kill(server.pid, 'SIGSTOP'),
    goOn: () => process.kill(server.pid, 'SIGCONT'),
    addVirtualUser: async (accountId, login, password) => {
      const home = `${folder}/home/${login}`;
      mkdirSync(home);
      writeFileSync(`${home}/large.bin`, Buffer.alloc(8_000_000, login));
      for (const path of [home, `${home}/large.bin`]) chownSync(path, sharedUid, sharedUid);
      const key = `${site.folder}/keys/${login}.private`;
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      // The form that mod_sftp reads.
      const its = execFileSync('ssh-keygen', ['-e', '-f', `${key}.pub`], { encoding: 'utf8' });
      writeFileSync(`${folder}/keys/${login}`, its);
      users.push(login);
      writeUsers();
      const put = await site.call('PUT', `/v1/accounts/${accountId}/credentials/ssh`, { login, password });
      if (put.status !== 200) throw new Error(`no credential: ${JSON.stringify(put.body)}`);
    },
    end: async () => {
      await server.end();
      removePamService(service);
    },
  };
}
