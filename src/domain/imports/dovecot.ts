import { colonFields, fieldsFault, type ImportFormat, ignored, passwdIds } from './row.ts';

/** Dovecot's passwd-file: `user:{SCHEME}hash:uid:gid:gecos:home:shell:extra`; all behind the hash may be missing. */
export const dovecot: ImportFormat = {
  name: 'dovecot',
  summary: 'passwd-file of Dovecot: user:{SCHEME}hash:uid:gid:gecos:home:shell:extra',
  open: () => (line) => {
    const fields = colonFields(line);
    if (fields === undefined) return ignored;
    const [login = '', secret, uid, gid, , home, shell, ...extra] = fields;
    if (secret === undefined) return fieldsFault(1, '2 to 8');
    const marks = extra.join(':').split(/\s+/);
    const locked = marks.some((mark) => mark === 'nologin' || mark.startsWith('nologin='));
    return { row: { login, secret, locked, unix: passwdIds(uid, gid, home, shell) } };
  },
};
