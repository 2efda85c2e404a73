import { colonFields, fieldsFault, type ImportFormat, ignored, passwdIds } from './row.ts';

/** passwd(5) with the hash in its second field, as ProFTPD's AuthUserFile has it. */
export const passwd: ImportFormat = {
  name: 'passwd',
  summary: 'passwd(5), ProFTPD AuthUserFile: name:hash:uid:gid:gecos:home:shell',
  open: () => (line) => {
    const fields = colonFields(line);
    if (fields === undefined) return ignored;
    if (fields.length !== 7) return fieldsFault(fields.length, '7');
    const [login = '', secret = '', uid, gid, , home, shell] = fields;
    return { row: { login, secret, unix: passwdIds(uid, gid, home, shell) } };
  },
};
