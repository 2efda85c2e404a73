/** Real clients of the doors: ssh, sftp, lftp and curl, with a password or a key. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { type Program, start, until } from './processes.ts';
import type { Site } from './site.ts';

/** No host key is known here, and none is asked about. */
export const trusting = [
  ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
];

const sshOptions = [
  ...[...trusting, '-o', 'NumberOfPasswordPrompts=1', '-o', 'PreferredAuthentications=password'],
  ...['-o', 'PubkeyAuthentication=no'],
];

function withPassword(password: string, command: string, args: readonly string[]): Program {
  return start('/usr/bin/sshpass', ['-e', command, ...args], { env: { ...process.env, SSHPASS: password } });
}

/** `ssh` that runs a command; without one, a shell on its standard input. `-tt` gives it a terminal. */
export function ssh(site: Site, login: string, password: string, command?: string, tty = false): Program {
  const args = [...sshOptions, ...(tty ? ['-tt'] : []), '-p', String(site.sshPort), `${login}@127.0.0.1`];
  return withPassword(password, 'ssh', command === undefined ? args : [...args, command]);
}

/** `sftp` that downloads a file, slowly enough to be caught at it (KiB/s). */
export function sftpGet(
  site: Site,
  login: string,
  password: string,
  from: string,
  to: string,
  kib: number,
): Program {
  // sftp's own -b forbids passwords: the batch comes by standard input.
  const program = withPassword(password, 'sftp', [
    ...sshOptions,
    '-l',
    String(kib * 8),
    '-P',
    String(site.sshPort),
    `${login}@127.0.0.1`,
  ]);
  program.write(`get ${from} ${to}\n`);
  return program;
}

/** `sftp` that lists and leaves: 0 when it was let in. */
export function sftpList(site: Site, login: string, password: string): Program {
  const where = ['-P', String(site.sshPort), `${login}@127.0.0.1`];
  const program = withPassword(password, 'sftp', [...sshOptions, ...where]);
  program.write('ls\n', true);
  return program;
}

/** `ssh` with a key that the host knows, and no password at all. `-N` as the command: tunnels only. */
export function sshWithKey(site: Site, login: string, command: string, port = site.sshPort): Program {
  const key = `${site.folder}/keys/${login}.private`;
  const what = command === '-N' ? ['-N', `${login}@127.0.0.1`] : [`${login}@127.0.0.1`, command];
  return start('ssh', [
    ...[...trusting, '-o', 'PreferredAuthentications=publickey', '-i', key, '-p', String(port), ...what],
  ]);
}

/** Gives a login a key that sshd accepts. */
export function giveKey(site: Site, login: string): void {
  const key = `${site.folder}/keys/${login}.private`;
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  execFileSync('cp', [`${key}.pub`, `${site.folder}/keys/${login}`]);
}

const ftpUrl = (site: Site, path: string) => `ftp://127.0.0.1:${site.ftpPort}/${path}`;

let scripts = 0;

/** `lftp` that logs in and runs these commands; it tries once, and says so when it fails. */
export function lftp(site: Site, login: string, password: string, ...commands: readonly string[]): Program {
  const file = `${site.folder}/${++scripts}.lftp`;
  const settings = ['net:max-retries 1', 'net:timeout 10', 'cmd:fail-exit true', 'ftp:ssl-allow false'];
  const lines = [
    ...settings.map((each) => `set ${each}`),
    `open -u '${login},${password}' ftp://127.0.0.1:${site.ftpPort}`,
    ...commands,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return start('lftp', ['-f', file]);
}

/** `curl` over FTP: lists, or downloads what `path` names; `from`: the address that it comes from. The password comes by a config on stdin. */
export function ftp(
  site: Site,
  login: string,
  password: string,
  path = '',
  from = '127.0.0.1',
  tls = false,
): Program {
  const program = start('curl', [
    ...['--interface', from],
    ...(tls ? ['--ssl-reqd', '--insecure'] : []),
    '-sS',
    '-K',
    '-',
    '-o',
    '/dev/null',
    '-w',
    'done %{size_download}',
    ftpUrl(site, path),
  ]);
  program.write(`user = "${login}:${password}"\n`, true);
  return program;
}

/** An FTP control connection that logs in and then says nothing; resolves when the server closes it. */
export async function quietFtp(
  site: Site,
  login: string,
  password: string,
  ms = 10_000,
): Promise<{ closed: Promise<number>; say(line: string): void; said(): string }> {
  const socket = createConnection({ host: '127.0.0.1', port: site.ftpPort });
  let heard = '';
  socket.on('data', (piece) => {
    heard += piece.toString();
  });
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => socket.on('close', () => resolve(Date.now())));
  await until(() => /^220 /m.test(heard), 'the FTP greeting');
  socket.write(`USER ${login}\r\n`);
  await until(() => /^331 /m.test(heard), 'the question for the password');
  socket.write(`PASS ${password}\r\n`);
  await until(
    () => /^230 /m.test(heard),
    'the login',
    ms,
    () => heard,
  );
  return { closed, say: (line) => void socket.write(`${line}\r\n`), said: () => heard };
}
