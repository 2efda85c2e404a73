import { type Door, type FoundSession, type ProcessRow, runs } from './door.ts';

/** As Debian builds it, with each of its databases. */
const programs = ['', '-ldap', '-mysql', '-postgresql', '-virtualchroot'].map((kind) => `pure-ftpd${kind}`);

/**
 * The process that asks for a login is the session: it serves the client, as root until the answer and as the customer
 * after it. Its child `pure-ftpd (PRIV)` keeps root for it, and began before the login.
 */
export const isPureFtpd = (row: Pick<ProcessRow, 'program'>): boolean => runs(row, ...programs);

/**
 * Its titles name nobody (`pure-ftpd (IDLE)`), so sessions that did not come in by the agent are seen in its own list
 * alone: those of before, and those that another backend let in while the agent was away.
 */
export const pureFtpd: Door = {
  name: 'pure-ftpd',
  store: 'ftp',
  channel: 'ftp',
  find: () => [],
  list: { command: ['pure-ftpwho', '-H', '-s'], serves: isPureFtpd, read: readPureFtpwho },
};

/**
 * `pid|account|…`, one line a session; `?` before the login. What follows the account is the client's to choose, so
 * nothing else is read, and a pid must be a Pure-FTPd.
 */
function readPureFtpwho(output: string, rows: readonly ProcessRow[]): FoundSession[] {
  const daemons = new Set(rows.filter(isPureFtpd).map((row) => row.pid));
  return output.split('\n').flatMap((line) => {
    const [, pid, login = '?'] = /^(\d+)\|([^|]+)\|/.exec(line) ?? [];
    return login === '?' || !daemons.has(Number(pid)) ? [] : [{ pid: Number(pid), login }];
  });
}
