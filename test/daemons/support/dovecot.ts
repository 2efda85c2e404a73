/** A Dovecot of its own: its folders, its ports, and whatever judges its logins. */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Front } from './front.ts';
import { listens } from './lines.ts';
import { freePort, type Program, start, until } from './processes.ts';

export interface Dovecot {
  readonly imap: number;
  readonly pop3: number;
  readonly program: Program;
  readonly conf: string;
  log(): string;
}

export const mailUid = 31_011;

/** What `deploy/` ships for Dovecot, set up for a test. */
export function shippedDovecot(
  front: Pick<Front, 'folder' | 'url' | 'key' | 'deployed'>,
  agent: 'required' | 'none',
): string {
  const { folder, url, key } = front;
  writeFileSync(`${folder}/dovecot.key`, `${key}\n`, { mode: 0o600 });
  mkdirSync(`${folder}/lua`, { recursive: true });
  const script = front.deployed('dovecot/gatehouse.lua', {
    'http://127.0.0.1:8080': url,
    '/etc/gatehouse/dovecot.key': `${folder}/dovecot.key`,
    'local agent = "required"': `local agent = "${agent}"`,
  });
  writeFileSync(`${folder}/lua/gatehouse.lua`, script);
  return front.deployed('dovecot/gatehouse.conf', {
    'http://127.0.0.1:8080': url,
    '/etc/dovecot/gatehouse.lua': `${folder}/lua/gatehouse.lua`,
    ghc_CHANGE_ME: key,
    CHANGE_ME_random_text: 'some nonce',
  });
}

/** `judges`: the passdb, and what else the test is about. */
export async function startDovecot(folder: string, judges: string): Promise<Dovecot> {
  const at = `${folder}/dovecot`;
  mkdirSync(`${at}/mail`, { recursive: true });
  mkdirSync(`${at}/run`, { recursive: true });
  chownSync(`${at}/mail`, mailUid, mailUid);
  chmodSync(at, 0o755);
  const [imap, pop3] = [await freePort(), await freePort()];
  const listener = (service: string, name: string, port: number) =>
    `service ${service}-login {\n  inet_listener ${name} {\n    port = ${port}\n  }\n  inet_listener ${name}s {\n    port = 0\n  }\n}`;
  const conf = `${at}/dovecot.conf`;
  const text = [
    `base_dir = ${at}/run`,
    `state_dir = ${at}/run`,
    'log_path = /dev/stderr',
    'protocols = imap pop3',
    'listen = 127.0.0.1',
    'ssl = no',
    'disable_plaintext_auth = no',
    'auth_failure_delay = 0',
    'auth_verbose = yes',
    // Every client here has the same address: Dovecot would make each wait for the guesses of all.
    'service anvil {\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}',
    'first_valid_uid = 1',
    `mail_location = maildir:${at}/mail/%u`,
    listener('imap', 'imap', imap),
    listener('pop3', 'pop3', pop3),
    judges,
    // After whatever the judges ask first.
    `userdb {\n  driver = static\n  args = uid=${mailUid} gid=${mailUid} home=${at}/mail/%u\n}`,
  ];
  writeFileSync(conf, `${text.join('\n')}\n`, { mode: 0o600 });
  const program = start('/usr/sbin/dovecot', ['-F', '-c', conf], {
    env: { PATH: '/usr/sbin:/usr/bin:/bin' },
  });
  await until(() => listens(imap), 'Dovecot to listen', 20_000, program.said);
  return { imap, pop3, program, conf, log: program.said };
}
