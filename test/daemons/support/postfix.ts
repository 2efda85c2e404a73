/** A Postfix of its own: its queue, its ports, its mailboxes; and swaks, which sends to it. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { listens } from './lines.ts';
import { freePort, type Program, start, until } from './processes.ts';

export interface Postfix {
  readonly port: number;
  /** Where clients log in first. */
  readonly submission: number;
  /** Its queue directory: sockets that smtpd reaches lie below it. */
  readonly queue: string;
  log(): string;
  /** Other lines of main.cf than it was started with. */
  configure(main: string): Promise<void>;
  /** Mails in the mailbox of a name at host.test, as they were delivered. */
  mailbox(name: string): string[];
  /** Queue ids of mail that is kept back. */
  held(): string[];
  /** Lets one of them go on. */
  release(queueId: string): void;
  /** Tries at once what waits in the queue. */
  flush(): void;
  stop(): void;
}

const mailUid = 31_012;
const id = (flag: string) => Number(execFileSync('id', [flag, 'postfix'], { encoding: 'utf8' }));

/** `main`: lines of main.cf that the test is about; `master`: of master.cf. `auth`: Dovecot's socket for logins. */
export async function startPostfix(
  folder: string,
  parts: { main?: string; master?: string; auth?: string; port?: number },
): Promise<Postfix> {
  const at = `${folder}/postfix`;
  const dirs = { etc: `${at}/etc`, queue: `${at}/queue`, data: `${at}/data`, mail: `${at}/mail` };
  for (const dir of Object.values(dirs)) mkdirSync(dir, { recursive: true });
  chownSync(dirs.data, id('-u'), id('-g'));
  chownSync(dirs.mail, mailUid, mailUid);
  for (const dir of [at, dirs.etc, dirs.queue]) chmodSync(dir, 0o755);
  const [port, submission] = [parts.port ?? (await freePort()), await freePort()];
  const logFile = `${at}/mail.log`;
  const fixed = [
    'compatibility_level = 3.6',
    `queue_directory = ${dirs.queue}`,
    `data_directory = ${dirs.data}`,
    `maillog_file = ${logFile}`,
    `maillog_file_prefixes = ${at}`,
    'myhostname = mx.host.test',
    'mydestination =',
    'alias_maps =',
    'mynetworks =',
    'inet_interfaces = loopback-only',
    'inet_protocols = ipv4',
    'smtpd_recipient_restrictions = permit_sasl_authenticated, reject_unauth_destination',
    'virtual_mailbox_domains = host.test',
    `virtual_mailbox_base = ${dirs.mail}`,
    // One for all: `virtual` says in the mail whose it is.
    'virtual_mailbox_maps = static:all/',
    `virtual_uid_maps = static:${mailUid}`,
    `virtual_gid_maps = static:${mailUid}`,
    'message_size_limit = 31000000',
    'virtual_mailbox_limit = 0',
    'smtpd_peername_lookup = no',
    'default_transport = discard:',
    'notify_classes =',
  ].join('\n');
  const login = parts.auth
    ? `-o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=dovecot -o smtpd_sasl_path=${parts.auth}`
    : '';
  const master = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    `127.0.0.1:${submission} inet n - n - - smtpd ${login}`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'rewrite unix - - n - - trivial-rewrite',
    ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
    ...['anvil', 'scache', 'verify'].map((name) => `${name} unix - - n - 1 ${name}`),
    ...['proxymap', 'error', 'discard', 'smtp', 'flush'].map((name) => `${name} unix - - n - - ${name}`),
    'showq unix n - n - - showq',
    'retry unix - - n - - error',
    'virtual unix - n n - - virtual',
    'postlog unix-dgram n - n - 1 postlogd',
    parts.master ?? '',
  ].join('\n');
  const write = (main: string) => writeFileSync(`${dirs.etc}/main.cf`, `${fixed}\n${main}\n`);
  write(parts.main ?? '');
  writeFileSync(`${dirs.etc}/master.cf`, `${master}\n`);
  // Not a pipe: master keeps what it inherits, and whoever reads it would wait for its end.
  const postfix = (command: string) =>
    execFileSync('/usr/sbin/postfix', ['-c', dirs.etc, command], { stdio: 'ignore' });
  postfix('start');
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  await until(() => listens(port), 'Postfix to listen', 20_000, log);
  const files = (dir: string) => (existsSync(dir) ? readdirSync(dir).sort() : []);
  return {
    ...{ port, submission, log },
    queue: dirs.queue,
    configure: async (main) => {
      write(main);
      postfix('stop');
      postfix('start');
      await until(() => listens(port), 'Postfix to listen again', 20_000, log);
    },
    mailbox: (name) =>
      files(`${dirs.mail}/all/new`)
        .map((file) => readFileSync(`${dirs.mail}/all/new/${file}`, 'latin1'))
        .filter((mail) => mail.includes(`\nDelivered-To: ${name}@host.test\n`)),
    held: () => files(`${dirs.queue}/hold`),
    release: (queueId) =>
      void execFileSync('/usr/sbin/postsuper', ['-c', dirs.etc, '-H', queueId], { stdio: 'ignore' }),
    flush: () => void postfix('flush'),
    stop: () => void postfix('stop'),
  };
}

/** `swaks` with a mail as it is. Its exit code is not 0 when the mail was refused; it says the whole dialogue. */
export function swaks(
  port: number,
  file: string,
  to: readonly string[],
  ...more: readonly string[]
): Program {
  return start('/usr/bin/swaks', [
    ...['--server', `127.0.0.1:${port}`, '--helo', 'client.test', '--from', 'sender@remote.test'],
    ...['--to', to.join(','), '--data', `@${file}`, '--timeout', '60', '--suppress-data', ...more],
  ]);
}
