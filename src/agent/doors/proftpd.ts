import { type Door, type ProcessRow, runs } from './door.ts';

const title = /^proftpd: ([^\s(]\S*) - ([^ :][^ ]*): /;

/**
 * One process a session, which runs as the customer and shows nothing of root any more: its parent, the daemon, is
 * the proof. Before the login the title has the client's address first and the words of the client after it, or, with
 * mod_sftp, `(authenticating)`. FTP and SFTP have the same titles.
 */
export const proftpd: Door = {
  name: 'proftpd',
  store: 'ftp',
  channel: 'ftp',
  greeted: [
    { by: /^220[ -]/, store: 'ftp', channel: 'ftp' },
    { by: /^SSH-/, store: 'ssh', channel: 'sftp' },
  ],
  find: (rows) => {
    const daemons = new Set(rows.filter(isDaemon).map((row) => row.pid));
    return rows.flatMap((row) => {
      const [, login, sourceIp] = title.exec(row.title) ?? [];
      if (!login || !sourceIp || !daemons.has(row.parent) || !runs(row, 'proftpd')) return [];
      return [{ pid: row.pid, login, sourceIp }];
    });
  },
};

/** The daemon serves as nobody and keeps root in its real and saved uid. */
function isDaemon(row: ProcessRow): boolean {
  const [real, , saved] = row.uids;
  const ofRoot = real === 0 && saved === 0;
  return ofRoot && runs(row, 'proftpd') && row.title.startsWith('proftpd: (accepting connections)');
}
