/** What the tests change on this machine, and put back: system users and PAM services, all named for the test. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** The programs and rights that the daemon tests need. In CI their absence is a failure, not a skip. */
export function missingForDaemons(): string | undefined {
  const programs = [
    '/usr/sbin/sshd',
    '/usr/sbin/proftpd',
    // The packages of FTP servers exclude each other: these are unpacked beside that one (.ci/run).
    '/usr/local/sbin/vsftpd',
    '/usr/local/sbin/pure-ftpd',
    '/usr/local/sbin/pure-ftpwho',
    '/usr/lib/proftpd/mod_tls.so',
    '/usr/bin/sshpass',
    '/usr/bin/lftp',
    '/usr/bin/tmux',
    '/usr/sbin/inetutils-inetd',
    '/usr/sbin/telnetd',
    '/usr/bin/telnet',
  ];
  const absent = programs.filter((program) => !existsSync(program));
  if (!existsSync('/usr/include/security/pam_modules.h')) absent.push('libpam0g-dev');
  if (process.getuid?.() !== 0) absent.push('root');
  if (!/ cgroup2 /.test(readFileSync('/proc/mounts', 'utf8'))) absent.push('cgroup v2');
  if (absent.length === 0) return undefined;
  const sentence = `real daemons are not tested here: missing ${absent.join(', ')}`;
  if (process.env.CI === 'true') throw new Error(sentence);
  return sentence;
}

/** Makes system users; a panel host gives several logins one uid, so these may share it. */
export function addUser(login: string, uid: number, home: string): void {
  removeUser(login);
  execFileSync('useradd', ['-M', '-o', '-u', String(uid), '-d', home, '-s', '/bin/bash', login], {
    stdio: 'ignore',
  });
}

export function removeUser(login: string): void {
  try {
    execFileSync('userdel', ['-f', login], { stdio: 'ignore' });
  } catch {
    // It was not there.
  }
}

/** Makes a system group with these members. */
export function addGroup(group: string, members: readonly string[]): void {
  removeGroup(group);
  execFileSync('groupadd', [group], { stdio: 'ignore' });
  for (const login of members) execFileSync('usermod', ['-a', '-G', group, login], { stdio: 'ignore' });
}

export function removeGroup(group: string): void {
  try {
    execFileSync('groupdel', ['-f', group], { stdio: 'ignore' });
  } catch {
    // It was not there.
  }
}

export function addPamService(name: string, lines: readonly string[]): void {
  writeFileSync(`/etc/pam.d/${name}`, `${lines.join('\n')}\n`, { mode: 0o644 });
}

export function removePamService(name: string): void {
  rmSync(`/etc/pam.d/${name}`, { force: true });
}
