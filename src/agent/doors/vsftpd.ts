import { type Door, isRoot, type ProcessRow, runs } from './door.ts';

const title = /^vsftpd: ([0-9a-fA-F.:]+)\/(\S+)(?:: |$)/;

/**
 * Titles need `setproctitle_enable=YES`. The worker that bears the login serves under a root parent of its own:
 * that parent is the session, and ending the worker alone would leave it behind.
 */
export const vsftpd: Door = {
  name: 'vsftpd',
  store: 'ftp',
  channel: 'ftp',
  find: (rows) => {
    const byPid = new Map(rows.map((row) => [row.pid, row]));
    return rows.flatMap((row) => {
      const [, sourceIp, login] = title.exec(row.title) ?? [];
      const parent = byPid.get(row.parent);
      if (!sourceIp || !login || !runs(row, 'vsftpd') || !isSessionParent(parent, byPid)) return [];
      return [{ pid: parent.pid, login, sourceIp }];
    });
  },
};

/** A root parent below the listener; the listener itself is never a session. */
function isSessionParent(row: ProcessRow | undefined, byPid: Map<number, ProcessRow>): row is ProcessRow {
  if (!row || !isRoot(row) || !runs(row, 'vsftpd')) return false;
  const above = byPid.get(row.parent);
  return above !== undefined && runs(above, 'vsftpd');
}
