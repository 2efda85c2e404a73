/**
 * A hosting machine in small: PostgreSQL, the service and a host agent as processes of their own, the PAM module,
 * a real sshd and a real ProFTPD, all on loopback and free ports.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { buildModule } from '../../../pam/test/small-daemon.ts';
import { projectRoot } from '../../support/build.ts';
import { addPamService, addUser, removePamService, removeUser } from './host.ts';
import { listens } from './lines.ts';
import { endAll, freePort, type Program, start, until } from './processes.ts';
import { cliFile, openService, type Service } from './service.ts';

export type { Answer, SessionSeen } from './service.ts';

export interface Site extends Omit<Service, 'closeService' | 'setPasswords'> {
  readonly folder: string;
  readonly agentKey: string;
  readonly sshPort: number;
  readonly ftpPort: number;
  readonly hostName: string;
  /** Where the agent answers PAM. */
  readonly pamAddress: string;
  /** Another sshd whose PAM asks Gatehouse for sessions alone; answers its port. */
  startLenientSshd(): Promise<number>;
  /** Another sshd with the PAM file of `deploy/`; `change` edits its text first. `lines` go before the usual ones. Answers its port. */
  startShippedSshd(change?: (text: string) => string, lines?: readonly string[]): Promise<number>;
  /** Another sshd: options of the module, and lines that go before the usual ones. Answers its port. */
  startSshdWith(options: string, lines?: readonly string[]): Promise<number>;
  /** Lines that let sshd ask Gatehouse for keys. */
  keysCommand(): readonly string[];
  /** A PAM file of `deploy/pam.d` with the module and the agent of this site. */
  shippedPam(name: string): string[];
  agent(): Program;
  sshd(): Program;
  startAgent(): Promise<void>;
  /** An account with a system user of that login, and a password in each of these stores. */
  addAccount(login: string, passwords: Readonly<Record<string, string>>): Promise<string>;
  /** A login of the FTP server alone: no system user stands behind it. */
  addVirtualUser(accountId: string, login: string, password: string): Promise<void>;
  /** Why logins of this account were refused, as the audit log has it; oldest first. */
  refusals(accountId: string): Promise<string[]>;
  /** Password hashes that the service computed to judge logins, ever. */
  hashes(): Promise<number>;
  close(): Promise<void>;
}

/** Every user of the tests has this uid: whoever ends processes by uid ends the neighbours'. */
export const sharedUid = 31_001;

/** `agentUnder`: a command, with its arguments, that the agent is started by. */
export async function openSite(agentUnder: readonly string[] = []): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-site-'));
  chmodSync(folder, 0o755);
  mkdirSync(`${folder}/pam`);
  buildModule('plain', `${folder}/pam`);
  const ports = { pam: await freePort(), ssh: await freePort(), ftp: await freePort() };
  const name = `gatehouse-test-${ports.ssh}`;
  // sshd 9.2 takes its PAM service from its own name, which its process titles begin with.
  const [sshService, ftpService] = [`sshd-${name}`, `${name}-ftp`];
  const [{ closeService, setPasswords, ...service }, sshd, ftpd] = await Promise.all([
    openService(folder),
    startSshd(folder, sshService, ports.ssh),
    startProftpd(folder, ftpService, ports.ftp),
  ]);
  const { url, env, call, addClient, operator } = service;
  const agentKey = await addClient('host', 'agent', 'authenticate');
  const users: string[] = [];
  let agent: Program;

  const ftpUsers: string[] = [];
  const addFtpUser = (login: string, home: string) => {
    ftpUsers.push(`${login}:!:${sharedUid}:${sharedUid}::${home}:/bin/bash`);
    writeFileSync(`${folder}/ftpd.passwd`, `${ftpUsers.join('\n')}\n`, { mode: 0o600 });
  };

  const startAgent = async () => {
    const [program = '', ...args] = [...agentUnder, process.execPath, cliFile, 'agent'];
    agent = start(program, args, {
      env: {
        ...env,
        GATEHOUSE_URL: url,
        GATEHOUSE_KEY: agentKey,
        GATEHOUSE_HOST: 'host1',
        GATEHOUSE_PAM_ADDRESS: `127.0.0.1:${ports.pam}`,
        GATEHOUSE_PAM_KEY_FILE: `${folder}/pam.key`,
        GATEHOUSE_STATE_DIR: `${folder}/state`,
        GATEHOUSE_EXTAUTH: `${folder}/pure-ftpd.sock`,
      },
    });
    await agent.says(/answers PAM on/);
  };
  await startAgent();
  const built = `${folder}/pam/pam_gatehouse.so agent=127.0.0.1:${ports.pam} key=${folder}/pam.key`;
  const module = (store: string, options: string) =>
    ['auth', 'account', 'session'].map(
      (phase) => `${phase} required ${built} store=${store} channel=${store} timeout=5 ${options}`,
    );
  addPamService(sshService, module('ssh', 'code=prompt'));
  addPamService(ftpService, module('ftp', 'code=none encrypted=ftps-variable'));
  // sshd runs no command below a directory that others may write to, such as /tmp.
  const keysProgram = `/usr/local/sbin/${name}-keys`;
  copyFileSync(`${folder}/pam/gatehouse-keys`, keysProgram);
  chmodSync(keysProgram, 0o755);
  const keysCommand = [
    `AuthorizedKeysCommand ${keysProgram} agent=127.0.0.1:${ports.pam} key=${folder}/pam.key %u %f`,
    'AuthorizedKeysCommandUser root',
    'AuthorizedKeysFile none',
  ];
  const others: { program: Program; service: string }[] = [];
  const startOther = async (service: string, lines: readonly string[], config: readonly string[] = []) => {
    const port = await freePort();
    addPamService(service, lines);
    others.push({ program: await startSshd(folder, service, port, config), service });
    return port;
  };

  return {
    ...service,
    folder,
    agentKey,
    sshPort: ports.ssh,
    ftpPort: ports.ftp,
    hostName: 'host1',
    pamAddress: `127.0.0.1:${ports.pam}`,
    agent: () => agent,
    sshd: () => sshd,
    startLenientSshd: () => {
      const [, , session = ''] = module('ssh', '');
      const lines = ['auth required pam_deny.so', 'account required pam_permit.so', session];
      return startOther(`${sshService}-lenient`, lines);
    },
    shippedPam: (name) =>
      readFileSync(`${projectRoot}/deploy/pam.d/${name}`, 'utf8')
        .replaceAll('pam_gatehouse.so', built)
        .split('\n'),
    startShippedSshd: (change = (text) => text, config = []) => {
      const text = change(readFileSync(`${projectRoot}/deploy/pam.d/sshd`, 'utf8'));
      const lines = text.replaceAll('pam_gatehouse.so', built).split('\n');
      return startOther(`${sshService}-shipped${others.length}`, lines, config);
    },
    startSshdWith: (options, config = []) =>
      startOther(`${sshService}-${others.length}`, module('ssh', options), config),
    keysCommand: () => keysCommand,
    startAgent,
    addAccount: async (login, passwords) => {
      const home = `${folder}/home/${login}`;
      mkdirSync(home, { recursive: true });
      chownSync(home, sharedUid, sharedUid);
      addUser(login, sharedUid, home);
      users.push(login);
      addFtpUser(login, home);
      const made = await call<{ id: string }>('POST', '/v1/accounts', {
        login,
        unix: { uid: sharedUid, gid: sharedUid, home, shell: '/bin/bash' },
      });
      await setPasswords(made.body.id, passwords);
      return made.body.id;
    },
    addVirtualUser: async (accountId, login, password) => {
      addFtpUser(login, `${folder}/home`);
      const put = await call('PUT', `/v1/accounts/${accountId}/credentials/ftp`, { login, password });
      if (put.status !== 200) throw new Error(`no credential: ${JSON.stringify(put.body)}`);
    },
    refusals: async (accountId) => {
      const sql = postgres(service.databaseUrl, { max: 1 });
      const rows = await sql<{ reason: string }[]>`
        select detail ->> 'reason' as reason from audit_events
         where kind = 'login.refused' and account_id = ${accountId} order by seq`;
      await sql.end();
      return rows.map(({ reason }) => reason);
    },
    hashes: async () => {
      const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${operator}` } });
      const counts = (await response.text()).matchAll(
        /^gatehouse_password_hashes_total\{purpose="(?:verify|decoy)"\} (\d+)/gm,
      );
      return [...counts].reduce((sum, match) => sum + Number(match[1]), 0);
    },
    close: async () => {
      await ftpd.end();
      await sshd.end();
      for (const { program, service: other } of others) {
        await program.end();
        removePamService(other);
      }
      await agent.end('SIGKILL');
      await closeService();
      await endAll();
      rmSync(keysProgram, { force: true });
      removePamService(sshService);
      removePamService(ftpService);
      for (const login of users) removeUser(login);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startSshd(
  folder: string,
  service: string,
  port: number,
  config: readonly string[] = [],
): Promise<Program> {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const key = `${folder}/${service}.key`;
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const binary = `${folder}/${service}`;
  symlinkSync('/usr/sbin/sshd', binary);
  writeFileSync(
    `${folder}/${service}.conf`,
    [
      // sshd takes the first line of a kind.
      ...config,
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${key}`,
      'PidFile none',
      'UsePAM yes',
      'PasswordAuthentication yes',
      'KbdInteractiveAuthentication yes',
      'PubkeyAuthentication yes',
      `AuthorizedKeysFile ${folder}/keys/%u`,
      'StrictModes no',
      'PermitRootLogin no',
      'UseDNS no',
      'MaxStartups 100',
      'LoginGraceTime 30',
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  );
  mkdirSync(`${folder}/keys`, { recursive: true, mode: 0o755 });
  const sshd = start(binary, ['-D', '-e', '-f', `${folder}/${service}.conf`], {
    env: { PATH: '/usr/sbin:/usr/bin:/bin' },
  });
  await sshd.says(/Server listening/);
  return sshd;
}

/** A key and a certificate of `localhost` for an FTP server. */
export function makeCertificate(folder: string, name: string): { key: string; certificate: string } {
  const [key, certificate] = [`${folder}/${name}.key`, `${folder}/${name}.crt`];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=localhost', '-keyout', key, '-out', certificate],
    ],
    { stdio: 'pipe' },
  );
  return { key, certificate };
}

async function startProftpd(folder: string, service: string, port: number): Promise<Program> {
  const { key, certificate } = makeCertificate(folder, 'ftpd');
  writeFileSync(`${folder}/ftpd.passwd`, '', { mode: 0o600 });
  writeFileSync(
    `${folder}/proftpd.conf`,
    [
      'ServerType standalone',
      'ServerName test',
      'DefaultAddress 127.0.0.1',
      'SocketBindTight on',
      `Port ${port}`,
      'UseIPv6 off',
      'UseReverseDNS off',
      'User nobody',
      'Group nogroup',
      'RequireValidShell off',
      'DelayEngine off',
      'DefaultRoot ~',
      'MaxInstances 100',
      'AuthOrder mod_auth_pam.c* mod_auth_file.c',
      `AuthUserFile ${folder}/ftpd.passwd`,
      `AuthPAMConfig ${service}`,
      'LoadModule mod_tls.c',
      'TLSEngine on',
      'TLSRequired off',
      'TLSOptions StdEnvVars NoSessionReuseRequired',
      `TLSECCertificateFile ${certificate}`,
      `TLSECCertificateKeyFile ${key}`,
      `PidFile ${folder}/proftpd.pid`,
      `ScoreboardFile ${folder}/proftpd.score`,
      `SystemLog ${folder}/proftpd.log`,
      'WtmpLog off',
      'TransferLog none',
      '<Global>',
      '  AllowOverwrite on',
      // KiB/s: a transfer that lasts, so that it can be caught in the middle.
      '  TransferRate RETR 200',
      '</Global>',
      '',
    ].join('\n'),
  );
  const ftpd = start('/usr/sbin/proftpd', ['-n', '-q', '-c', `${folder}/proftpd.conf`], {
    env: { PATH: '/usr/sbin:/usr/bin:/bin' },
  });
  await until(() => listens(port), 'proftpd to listen', 15_000, ftpd.said);
  return ftpd;
}
