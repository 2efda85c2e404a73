import { type Door, isRoot, type ProcessRow, runs } from './door.ts';

const programs = ['imap', 'pop3', 'managesieve', 'submission'];
/** `[alice 192.0.2.1]`, and what it does behind that; with several connections there is a number in its place. */
const title = /^dovecot\/(imap|pop3|managesieve|submission) \[([^ \]]+) ([0-9a-fA-F.:]+)(?: [^\]]*)?\]/;
const channels: Readonly<Record<string, string>> = { pop3: 'pop3', submission: 'smtp' };

/**
 * One process a session (`service_count = 1`), below the root master. Titles need `verbose_proctitle = yes`; a session
 * that began with the agent in touch is known without, by the process that Dovecot named.
 */
export const dovecot: Door = {
  name: 'dovecot',
  store: 'mail',
  channel: 'imap',
  // It says that it is still there every two minutes of IDLE, whether or not anybody listens.
  keepsTalking: true,
  find: (rows) => {
    const byPid = new Map(rows.map((row) => [row.pid, row]));
    return rows.flatMap((row) => {
      const [, service = '', login, sourceIp] = title.exec(row.title) ?? [];
      if (!login || !sourceIp || !serves(row, byPid.get(row.parent))) return [];
      return [{ pid: row.pid, login, sourceIp, channel: channels[service] ?? 'imap' }];
    });
  },
  serves,
};

function serves(row: ProcessRow, parent: ProcessRow | undefined): boolean {
  const program = row.program.replace(/ \(deleted\)$/, '');
  const ofMaster = parent !== undefined && isRoot(parent) && runs(parent, 'dovecot');
  return ofMaster && programs.some((name) => program === `/usr/lib/dovecot/${name}`);
}
