import { type Door, isRoot, type ProcessRow, runs } from './door.ts';

/** By its program: the title of a second sshd begins with the name that it was started under. */
const programs = ['sshd', 'sshd-session'];
const login = '([^ @\\[\\]][^ \\[\\]]*?)';
const monitorTitle = new RegExp(`^sshd[\\w.-]*: ${login} \\[priv\\]$`);
const userTitle = new RegExp(`^sshd[\\w.-]*: ${login}(?:@[^@ ]+)?$`);

/** The root monitor `sshd: alice [priv]` is the session. It bears that title before the password too: a child that runs as the user proves that it is past. */
export const sshd: Door = {
  name: 'sshd',
  store: 'ssh',
  channel: 'ssh',
  fileTransferChannel: 'sftp',
  find: (rows) =>
    rows.flatMap((row) => {
      const user = isRoot(row) && runs(row, ...programs) ? monitorTitle.exec(row.title)?.[1] : undefined;
      if (user === undefined || user === 'unknown') return [];
      return rows.some((child) => servesUser(child, row.pid, user)) ? [{ pid: row.pid, login: user }] : [];
    }),
};

function servesUser(row: ProcessRow, monitor: number, user: string): boolean {
  return row.parent === monitor && runs(row, ...programs) && userTitle.exec(row.title)?.[1] === user;
}
